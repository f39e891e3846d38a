import Foundation
import Synchronization

/// A case's own chance: the same for the same seed and name, whatever other cases run.
package final class FaultRandom: Sendable {
    /// The seed of this run, given by `KNUTPUNKT_FAULT_SEED` or picked; printed once.
    package static let seed: UInt64 = {
        let given = ProcessInfo.processInfo.environment["KNUTPUNKT_FAULT_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 1...999_999_999)
        print("fault seed \(seed) (KNUTPUNKT_FAULT_SEED=\(seed) repeats this run)")
        return seed
    }()

    private let state: Mutex<UInt64>

    package init(_ name: String) {
        let start = name.utf8.reduce(14_695_981_039_346_656_037 ^ Self.seed) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        self.state = Mutex(start)
    }

    package func number(_ range: ClosedRange<Int>) -> Int {
        self.state.withLock { state in
            var generator = Generator(state: state)
            defer { state = generator.state }
            return Int.random(in: range, using: &generator)
        }
    }

    package func pick<Element>(_ elements: [Element]) -> Element {
        elements[self.number(0...elements.count - 1)]
    }

    package func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for index in elements.indices.dropLast() { elements.swapAt(index, self.number(index...elements.count - 1)) }
        return elements
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = self.state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
