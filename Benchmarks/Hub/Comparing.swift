import Foundation
import Hub
import Reconciliation

/// Sorting and comparing alone: what a system should hold of so many persons, and what it holds, each in another order that has
/// nothing to do with keys. Every thousandth differs.
struct Comparing {
    let persons: Int
    let directory: String

    func measure() throws {
        let before = memory()
        let began = ContinuousClock.now
        var expected = RowSorter(memory: 2 << 20, directory: self.directory)
        var held = RowSorter(memory: 2 << 20, directory: self.directory)
        // Another step through all numbers for each side: both are prime to the number of persons.
        try self.forEach(step: 7_368_787) { try expected.append(self.row($0, changed: false)) }
        try self.forEach(step: 5_915_587_277) { try held.append(self.row($0, changed: true)) }
        var comparison = PackedComparison(expected: try expected.sorted(), held: try held.sorted())
        var found = 0
        while try comparison.next() != nil { found += 1 }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let tally = comparison.tallies["person"] ?? RowTally()
        guard found == (self.persons + 999) / 1000, tally.equal == self.persons - found else {
            throw WrongCount(found: found, equal: tally.equal)
        }
        report(
            "compare",
            [
                "persons": Double(self.persons), "seconds": seconds, "equal": Double(tally.equal), "differences": Double(found),
                "growth_mib": Self.peak - before, "peak_mib": Self.peak,
            ])
    }

    private static var peak: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }

    private func forEach(step: Int, _ body: (Int) throws -> Void) rethrows {
        var number = 0
        for _ in 0..<self.persons {
            try body(number)
            number = (number + step) % self.persons
        }
    }

    private func row(_ number: Int, changed: Bool) -> PackedRows {
        var rows = PackedRows()
        let digits = String(number)
        rows.append(
            kind: "person", key: String(repeating: "0", count: 12 - digits.count) + digits,
            fields: [
                "fornamn": "Förnamn \(number % 997)", "efternamn": changed && number % 1000 == 0 ? "Annat" : "Efternamn",
                "epost": "\(number)@elev.example", "arskurs": "\(number % 10)",
            ])
        return rows
    }
}

/// The comparison found something else than what was put in.
struct WrongCount: Error {
    let found: Int
    let equal: Int
}
