import ConnectorKit
import SchoolRecords
import Testing

@testable import Hub

@Suite("What must be written when rows change")
struct RowChangesTests {
    private func row(_ key: String, _ value: String = "") -> TargetRow {
        TargetRow(kind: "student_in_school", key: key, fields: value.isEmpty ? [:] : ["name": value])
    }

    private func change(_ id: String, _ old: [TargetRow], _ new: [TargetRow]) -> RowChange {
        RowChange(key: RecordKey(.person, id), sequence: 2, old: old, new: new)
    }

    @Test func `rows that stay as they are aren't written`() {
        let changes = RowChanges([self.change("a", [self.row("1")], [self.row("1")])])
        #expect(changes.touched.isEmpty)
        #expect(changes.writes(others: [:]).isEmpty)
    }

    @Test func `new, changed and vanished rows are`() {
        let changes = RowChanges([
            self.change("a", [self.row("1"), self.row("2", "x")], [self.row("2", "y"), self.row("3")])
        ])
        let writes = changes.writes(others: [:])
        #expect(writes.count == 1)
        #expect(writes.first?.set == [self.row("2", "y"), self.row("3")])
        #expect(writes.first?.removed == [self.row("1")])
    }

    @Test func `where records go whole, what stands goes with what changes, and nothing goes when nothing does`() {
        let changes = RowChanges([
            self.change("a", [self.row("1"), self.row("2", "x"), self.row("3")], [self.row("2", "y"), self.row("3")]),
            self.change("b", [self.row("4")], [self.row("4")]),
        ])
        let writes = changes.writes(others: [:], areWhole: true)
        #expect(writes.count == 1)
        #expect(writes.first?.set == [self.row("2", "y")] && writes.first?.kept == [self.row("3")])
        #expect(changes.writes(others: [:]).first?.kept == nil)
        // What stands is no change to be counted.
        #expect(changes.effects(writes, others: [:]).map(\.change) == [.updates, .deletes])
    }

    @Test func `a row that another record still gives isn't taken away`() {
        let changes = RowChanges([self.change("a", [self.row("1")], [])])
        #expect(changes.touched == [self.row("1").identity])
        #expect(changes.writes(others: [self.row("1").identity: [self.row("1")]]).isEmpty)
    }

    @Test func `a row that another record already gives isn't set again`() {
        let changes = RowChanges([self.change("a", [], [self.row("1")])])
        #expect(changes.writes(others: [self.row("1").identity: [self.row("1")]]).isEmpty)
    }

    @Test func `a row that moves between two records of one plan isn't written`() {
        let changes = RowChanges([self.change("a", [self.row("1")], []), self.change("b", [], [self.row("1")])])
        #expect(changes.writes(others: [:]).isEmpty)
    }

    @Test func `a row that two records begin to give is set once`() {
        let changes = RowChanges([self.change("a", [], [self.row("1")]), self.change("b", [], [self.row("1")])])
        #expect(changes.writes(others: [:]).flatMap(\.set) == [self.row("1")])
    }

    @Test func `a row that both records stop giving is taken away once`() {
        let changes = RowChanges([self.change("a", [self.row("1")], []), self.change("b", [self.row("1")], [])])
        #expect(changes.writes(others: [:]).flatMap(\.removed) == [self.row("1")])
    }

    /// The law: whatever changes, what stands afterwards is exactly what some record gives.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `what stands afterwards is what is given`(seed: UInt64) {
        var generator = Seeded(state: seed)
        func some() -> [TargetRow] {
            (0..<6).compactMap { Int.random(in: 0...2, using: &generator) == 0 ? self.row(String($0)) : nil }
        }
        let outside = some()
        let before = (0..<4).map { _ in some() }
        let after = (0..<4).map { _ in some() }
        var standing = Set(outside).union(before.flatMap { $0 })
        let changes = RowChanges(zip(before, after).enumerated().map { self.change("p\($0.offset)", $0.element.0, $0.element.1) })
        let others = Dictionary(uniqueKeysWithValues: outside.map { ($0.identity, [$0]) })
        var written: [TargetRow] = []
        for write in changes.writes(others: others) {
            standing.formUnion(write.set)
            standing.subtract(write.removed)
            written += write.set
        }
        #expect(standing == Set(outside).union(after.flatMap { $0 }), "seed \(seed)")
        #expect(Set(written).isDisjoint(with: Set(outside).union(before.flatMap { $0 })), "nothing again, seed \(seed)")
    }
}

struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ (self.state >> 29)
    }
}
