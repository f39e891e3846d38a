import Reconciliation
import Testing

@Suite("How a value differs tells where it happened")
struct FieldNatureTests {
    @Test(arguments: [
        ("Åsa Öberg", "Ã\u{85}sa Ã\u{96}berg", FieldNature.garbled), ("Åsa Öberg", "?sa ?berg", .garbled),
        ("Åsa Öberg", "Asa Oberg", .garbled),
        ("Åsa Öberg", "sa berg", .garbled), ("Anna-Karin Lindström-Bergkvist", "Anna-Karin Lindström-Berg", .shortened),
        ("Åsa", "Å\u{FFFD}", .other), ("2026-08-17", "2026-08-16", .shiftedDay), ("2026-03-01", "2026-02-28", .shiftedDay),
        ("20260101", "20251231", .shiftedDay), ("2026-08-17", "2026-08-15", .other), ("Lars", "LARS", .letterCase),
        ("070-174 06 05", "0701740605", .spacing), ("00123", "123", .leadingZeros), ("", "x", .filled), ("x", "", .empty),
        ("Lars", "Maria", .other), ("2026-08-17T00:00:00Z", "2026-08-16T22:00:00Z", .shiftedDay), ("Öberg", "Lindqvist", .other),
    ])
    func `each way to go wrong has its name`(expected: String, held: String, nature: FieldNature) {
        #expect(FieldNature(expected: expected, held: held) == nature)
    }

    @Test func `equal values, and none beside an empty one, don't differ`() {
        #expect(FieldNature(expected: "a", held: "a") == nil)
        #expect(FieldNature(expected: nil, held: "") == nil)
        #expect(FieldNature(expected: nil, held: nil) == nil)
    }

    @Test func `fields are told by name, in order`() {
        let fields = FieldDifference.all(expected: ["b": "1", "a": "x", "c": "same"], held: ["b": "2", "c": "same"])
        #expect(fields.map(\.name) == ["a", "b"] && fields.map(\.nature) == [.empty, .other])
    }
}
