import Reconciliation
import TestChance
import Testing

@Suite("Rows packed, sorted and compared")
struct PackedRowsTests {
    @Test func `what is packed comes out as it went in, without empty fields`() {
        var rows = PackedRows()
        rows.append(kind: "person", key: "Å|1", fields: ["b": "", "a": "två ord", "ö": "é"], giver: "person/1")
        let row = rows.row(at: 0)
        #expect(row.kind == "person" && row.key == "Å|1" && row.giver == "person/1")
        #expect(row.fields == ["a": "två ord", "ö": "é"])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `the order is that of kinds, then keys, as bytes`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let letters = Array("abÅ|é0~")
        func word(_ most: Int) -> String {
            String((0..<Int.random(in: 1...most, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
        }
        var rows = PackedRows()
        var plain: [HeldRow] = []
        for _ in 0..<200 {
            let row = HeldRow(kind: word(2), key: word(12), fields: [:])
            plain.append(row)
            rows.append(kind: row.kind, key: row.key, fields: [:])
        }
        let order = rows.sortedPlaces().map { rows.row(at: $0) }.map { HeldRow(kind: $0.kind, key: $0.key, fields: [:]) }
        #expect(order == plain.sorted(by: HeldRow.isBefore))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `differences are those of the two sides, whatever is in them`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (expected, held) = (PackedRows(), PackedRows())
        var (wanted, found): ([String: Set<String>], [String: [String]]) = ([:], [:])
        for _ in 0..<300 {
            let key = String(Int.random(in: 0..<80, using: &random))
            let value = String(Int.random(in: 0..<2, using: &random))
            if Bool.random(using: &random) {
                expected.append(kind: "k", key: key, fields: ["f": value], giver: "g")
                wanted[key, default: []].insert(value)
            } else {
                held.append(kind: "k", key: key, fields: ["f": value])
                found[key, default: []].append(value)
            }
        }
        var comparison = PackedComparison(expected: SortedPackedRows(expected), held: SortedPackedRows(held))
        var counts = (missing: 0, unexpected: 0, different: 0, twice: 0)
        while let difference = try comparison.next() {
            switch difference {
            case .missing: counts.missing += 1
            case .unexpected: counts.unexpected += 1
            case .different: counts.different += 1
            case .twice: counts.twice += 1
            }
        }
        #expect(counts.missing == wanted.keys.filter { found[$0] == nil }.count)
        #expect(counts.unexpected == found.keys.filter { wanted[$0] == nil }.count)
        #expect(counts.twice == found.values.reduce(0) { $0 + $1.count - 1 })
        let first = Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.value[0]) })
        let otherwise = first.filter { key, value in wanted[key].map { !$0.contains(value) } ?? false }
        #expect(counts.different == otherwise.count)
        let tally = comparison.tallies["k"]
        #expect(tally?.expected == wanted.count && tally?.held == found.values.reduce(0) { $0 + $1.count })
        #expect(tally?.equal == wanted.count - counts.missing - counts.different)
    }

    @Test func `what a row names and nobody holds is told with who names it`() throws {
        let references = RowReferences(["member": ["from": "person", "to": "class"]])
        var (named, held) = (PackedRows(), PackedRows())
        references.collect("member", "1|a", ["from": "1", "to": "a"], into: &named)
        references.collect("member", "2|a", ["from": "2", "to": "a"], into: &named)
        references.collect("class", "a", ["from": "9"], into: &named)
        held.append(kind: "class", key: "a", fields: [:])
        held.append(kind: "person", key: "1", fields: [:])
        var broken: [String] = []
        var (left, right) = (SortedPackedRows(named), SortedPackedRows(held))
        try RowReferences.broken(named: &left, held: &right) { row in
            broken.append("\(row.kind) \(row.key) \(RowReferences.naming(row.giver)?.key ?? "-")")
        }
        #expect(broken == ["person 2 2|a"])
    }

    @Test func `what stands for a protected person is found however it is written, and only that`() {
        var tokens = LeakTokens()
        tokens.insert("20130101-TF01")
        tokens.insert("e1@skola.example")
        tokens.insert("kort")
        func isShown(_ key: String, _ fields: [String: String]) -> Bool {
            var rows = PackedRows()
            rows.append(kind: "k", key: key, fields: fields)
            return tokens.isShown(in: rows.row(at: 0))
        }
        #expect(isShown("20130101TF01", [:]) && isShown("1|20130101-tf01", [:]) && isShown("1", ["mail": "E1@Skola.example"]))
        #expect(!isShown("20130101TF02", ["mail": "e11@skola.example", "x": "kort"]))
    }
}
