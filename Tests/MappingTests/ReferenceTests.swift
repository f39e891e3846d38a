import Mapping
import SchoolRecords
import Testing

@Suite("References to other records")
struct ReferenceTests {
    private static let mapping = """
        rows:
          - kind: self
            key: id
            fields:
              id: {from: id, required: true}
          - kind: guardian
            each: {responsible: "responsibles[relationType = Vårdnadshavare]"}
            key: [from, to]
            fields:
              from: {from: responsible.person->civicNo.value, required: row}
              to: {from: id, required: true}
        """

    private static let mentor = """
        rows:
          - kind: mentor
            each:
              role: assignmentRole
              member: role.group->groupMemberships
            key: [from, to]
            fields:
              from: {from: person->civicNo.value, required: row}
              to: {from: member.person->civicNo.value, required: row}
        """

    private static let duty: JSONValue = [
        "id": "d", "person": ["id": "t"], "assignmentRole": [["group": ["id": "c1"]], ["group": ["id": "c2"]]],
    ]

    private func person(_ number: String) -> LookedUp { .found(["id": "x", "civicNo": ["value": .string(number)]]) }
    private func group(_ members: String...) -> LookedUp {
        .found(["id": "c", "groupMemberships": .array(members.map { ["person": ["id": .string($0)]] })])
    }

    @Test func `what a row needs is asked for, all at once`() throws {
        let mapping = try Files.outbound(Self.mapping).outbound()
        guard case .needs(let keys) = try mapping.apply(OutboundTests.person, today: today, lookedUp: [:]) else {
            Issue.record("nothing was asked for")
            return
        }
        #expect(keys == [RecordKey(.person, "g1"), RecordKey(.person, "g2")])
    }

    @Test func `a reference of a reference is asked for in the second round`() throws {
        let mapping = try Files.outbound(Self.mentor, entity: .duty).outbound(.duty)
        var lookedUp: [RecordKey: LookedUp] = [:]
        guard case .needs(let first) = try mapping.apply(Self.duty, today: today, lookedUp: lookedUp) else {
            Issue.record("nothing was asked for")
            return
        }
        #expect(first == [RecordKey(.group, "c1"), RecordKey(.group, "c2")])
        lookedUp[RecordKey(.group, "c1")] = self.group("p1", "p2")
        lookedUp[RecordKey(.group, "c2")] = self.group("p2", "p3")
        guard case .needs(let second) = try mapping.apply(Self.duty, today: today, lookedUp: lookedUp) else {
            Issue.record("nothing was asked for in the second round")
            return
        }
        #expect(second == Set(["t", "p1", "p2", "p3"].map { RecordKey(.person, $0) }))
        for (id, number) in [("t", "T"), ("p1", "1"), ("p2", "2"), ("p3", "3")] {
            lookedUp[RecordKey(.person, id)] = self.person(number)
        }
        let projection = try mapping.projection(Self.duty, lookedUp)
        #expect(projection.rows.map(\.key) == ["T|1", "T|2", "T|3"])
        #expect(projection.references == first.union(second))
        #expect(projection.missing.isEmpty && projection.withheld.isEmpty)
    }

    @Test func `a missing record leaves its rows out and is named, a withheld one is noted`() throws {
        let mapping = try Files.outbound(Self.mapping).outbound()
        let projection = try mapping.projection(
            OutboundTests.person, [RecordKey(.person, "g1"): .missing, RecordKey(.person, "g2"): .withheld])
        #expect(projection.rows.map(\.kind) == ["self"])
        #expect(projection.missing == [RecordKey(.person, "g1")])
        #expect(projection.withheld == [RecordKey(.person, "g2")])
        #expect(projection.references == [RecordKey(.person, "g1"), RecordKey(.person, "g2")])
    }

    @Test func `one group of two missing leaves the other's rows`() throws {
        let mapping = try Files.outbound(Self.mentor, entity: .duty).outbound(.duty)
        let projection = try mapping.projection(
            Self.duty,
            [
                RecordKey(.group, "c1"): .missing, RecordKey(.group, "c2"): self.group("p1", "p2"),
                RecordKey(.person, "t"): self.person("T"), RecordKey(.person, "p1"): .withheld,
                RecordKey(.person, "p2"): self.person("2"),
            ])
        #expect(projection.rows.map(\.key) == ["T|2"])
        #expect(projection.missing == [RecordKey(.group, "c1")])
        #expect(projection.withheld == [RecordKey(.person, "p1")])
    }

    @Test func `a found record without the value gives no row when the row requires it`() throws {
        let mapping = try Files.outbound(Self.mapping).outbound()
        let projection = try mapping.projection(
            OutboundTests.person,
            [RecordKey(.person, "g1"): .found(["id": "g1"]), RecordKey(.person, "g2"): self.person("G")])
        #expect(projection.rows.map(\.key) == ["p1", "G|p1"])
    }

    @Test func `a condition on another record decides when that is there`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: in
                when: {any: [group->groupType = Avdelning, schoolType = FS]}
                key: id
                fields: {id: {from: id, required: true}}
            """, entity: .placement
        ).outbound(.placement)
        let key = RecordKey(.group, "g")
        func rows(_ schoolType: String, _ found: LookedUp) throws -> Int {
            try mapping.rows(["id": "pl", "group": ["id": "g"], "schoolType": .string(schoolType)], [key: found]).count
        }
        #expect(try rows("FTH", .found(["groupType": "Avdelning"])) == 1)
        #expect(try rows("FTH", .found(["groupType": "Klass"])) == 0)
        #expect(try rows("FTH", .withheld) == 0)
        #expect(try rows("FS", .withheld) == 1)
    }

    @Test func `a named value that waits holds back only the rows that use it`() throws {
        let mapping = try Files.outbound(
            """
            let: {holder: person->civicNo.value}
            rows:
              - {kind: a, key: x, fields: {x: {from: holder, required: row}}}
              - {kind: b, key: x, fields: {x: {from: id, required: true}}}
            """, entity: .duty
        ).outbound(.duty)
        #expect(try mapping.rows(Self.duty, [RecordKey(.person, "t"): .missing]).map(\.kind) == ["b"])
        #expect(try mapping.rows(Self.duty, [RecordKey(.person, "t"): self.person("T")]).map(\.key) == ["T", "d"])
    }

    @Test func `the next of several is not tried before the first is known`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: a
                key: x
                fields: {x: {first: [placedAt->parentOrganisation->id, placedAt.id], required: row}}
            """, entity: .placement
        ).outbound(.placement)
        let record: JSONValue = ["id": "pl", "placedAt": ["id": "u"]]
        let unit = RecordKey(.organisation, "u")
        #expect(try mapping.rows(record, [unit: .missing]).isEmpty)
        #expect(try mapping.rows(record, [unit: .found(["id": "u"])]).map(\.key) == ["u"])
    }
}
