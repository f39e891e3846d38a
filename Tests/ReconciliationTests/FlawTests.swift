import Reconciliation
import Testing

@Suite("What is wrong with a value")
struct FlawTests {
    @Test(
        arguments: [
            ("Åsa", "Åsa", nil, nil),
            ("Åsa", nil, nil, Flaw.fieldMissing),
            ("Åsa", "", nil, .fieldMissing),
            ("Knutpunktsprov-O'Ängström", "Knutpunktsprov-O'", nil, .shortened),
            ("Åsa Öberg", "Ã\u{85}sa Ã\u{96}berg", nil, .characters),
            ("Åsa Öberg", "?sa ?berg", nil, .characters),
            ("Åsa Öberg", "Asa Oberg", nil, .characters),
            ("2026-01-01", "2025-12-31", nil, .dateShifted),
            ("2026-01-01", "2024-01-01", nil, .otherValue),
            ("Åsa", "ÅSA", nil, .letterCase),
            ("01234", "1234", nil, .leadingZeros),
            ("01234", "01243", nil, .digitsTurned),
            ("GR", "GRS", nil, .otherValue),
            ("30", "25", "25", .notUpdated),
        ] as [(String, String?, String?, Flaw?)])
    func `a value that differs is told by what has happened to it`(
        _ expected: String, _ found: String?, _ before: String?, _ flaw: Flaw?
    ) {
        #expect(Flaw.between(expected, found, before: before) == flaw)
    }
}
