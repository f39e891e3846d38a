import Foundation

/// How much tests of chance try: with `KNUTPUNKT_THOROUGH=1` all that was set out for them, as `make test-thorough` does; otherwise a
/// part, with another seed each time, so that many runs come to as much.
package enum TestEffort {
    package static let isThorough = ProcessInfo.processInfo.environment["KNUTPUNKT_THOROUGH"] == "1"

    /// - Parameters:
    ///   - whole: how many cases there are when nothing is spared.
    ///   - part: how many otherwise.
    package static func cases(_ whole: Int, sparing part: Int) -> Int { self.isThorough ? whole : part }
}
