import Foundation
import Synchronization
import TestChance

/// A case's own chance: the same for the same seed and name, whatever other cases run.
package final class FaultRandom: Sendable {
    /// The seed of this run, given by `KNUTPUNKT_FAULT_SEED` or picked; printed once.
    package static let seed: UInt64 = {
        let given = ProcessInfo.processInfo.environment["KNUTPUNKT_FAULT_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 1...999_999_999)
        print("fault seed \(seed) (KNUTPUNKT_FAULT_SEED=\(seed) repeats this run)")
        return seed
    }()

    private let state: Mutex<SeededRandom>

    package init(_ name: String) {
        let start = name.utf8.reduce(14_695_981_039_346_656_037 ^ Self.seed) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        self.state = Mutex(SeededRandom(seed: start))
    }

    package func number(_ range: ClosedRange<Int>) -> Int {
        self.state.withLock { Int.random(in: range, using: &$0) }
    }

    package func pick<Element>(_ elements: [Element]) -> Element {
        elements[self.number(0...elements.count - 1)]
    }

    package func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for index in elements.indices.dropLast() { elements.swapAt(index, self.number(index...elements.count - 1)) }
        return elements
    }
}
