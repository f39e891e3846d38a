import Reconciliation

/// The comparison alone: two sorted streams of so many persons, of which every thousandth differs.
struct Comparing {
    let persons: Int

    func measure() throws {
        let before = memory()
        var (most, found, number) = (before, 0, 0)
        let began = ContinuousClock.now
        let equal = try Comparison.run(expected: self.rows(changed: false), actual: self.rows(changed: true)) { _ in
            found += 1
            number += 1
            if number % 100 == 0 { most = max(most, memory()) }
        }
        most = max(most, memory())
        report(
            "compare",
            [
                "persons": Double(self.persons), "seconds": (ContinuousClock.now - began) / .seconds(1), "equal": Double(equal),
                "differences": Double(found), "growth_mib": most - before,
            ])
    }

    private func rows(changed: Bool) -> some Sequence<HeldRow> {
        (0..<self.persons).lazy.map { number in
            let digits = String(number)
            let key = String(repeating: "0", count: 12 - digits.count) + digits
            return HeldRow(
                kind: "person", key: key,
                fields: [
                    "fornamn": "Förnamn \(number % 997)", "efternamn": changed && number % 1000 == 0 ? "Annat" : "Efternamn",
                    "epost": "\(number)@elev.example", "arskurs": "\(number % 10)",
                ])
        }
    }
}
