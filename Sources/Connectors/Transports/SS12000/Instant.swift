import Foundation

/// Points in time as SS 12000 writes them (RFC 3339).
enum Instant {
    /// In UTC with whole milliseconds, cut off: what is asked for "after" it is then rather too much than too little.
    static func text(_ date: Date) -> String {
        // A thousandth more, since most milliseconds are no exact binary fraction.
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000 + 0.001).rounded(.down))
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let whole = Date(timeIntervalSince1970: Double(rest < 0 ? seconds - 1 : seconds))
        let fraction = String(rest < 0 ? rest + 1000 : rest)
        let padded = String(repeating: "0", count: 3 - fraction.count) + fraction
        return whole.formatted(.iso8601).dropLast() + ".\(padded)Z"
    }
}
