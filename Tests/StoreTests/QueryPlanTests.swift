import ConnectorKit
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

/// What a statement costs in a municipality of a hundred thousand records is seen in its plan, on a store of a few.
@Suite("Statements go along indexes")
struct QueryPlanTests {
    /// What makes a statement cost as much as a table is large: going through it, or sorting what was found.
    private static func isCostly(_ step: String) -> Bool {
        // What is grouped is what a few keys led to.
        step.hasPrefix("SCAN") && !step.contains("CONSTANT ROW") || step.contains("AUTOMATIC")
            || step.contains("TEMP B-TREE") && !step.contains("GROUP BY")
    }

    /// What a statement does that leads through all records of an entity, or all that are live: an index that only that is
    /// looked up in.
    private static func isWide(_ step: String) -> Bool {
        step.contains("(operation=?") || step.contains("(entity=?)") || step.contains("(system=?)") && !Self.isOfOne(step)
    }

    /// Tables with a row a system.
    private static func isOfOne(_ step: String) -> Bool { step.hasPrefix("SEARCH prepared ") }

    /// Messages that end in every way, with what waits for them and what looks at them.
    private static func settle(_ store: any HubStore, count: Int, sequence: Int64) async throws {
        let settlements = (0..<count).map { number in
            let key = RecordKey(.person, "p\(number)")
            let row = TargetRow(kind: "person", key: key.id, fields: ["a": "\(sequence)"])
            let references: Set = [RecordKey(.organisation, "o\(number)-\(sequence)"), RecordKey(.person, "p\(number + 1)")]
            let outcome: Settlement.Outcome =
                switch number % 3 {
                case 0: .applied(rows: [row], references: references, missing: [RecordKey(.person, "p\(number + 1)")])
                case 1: .applied(rows: [row], references: references, missing: [])
                default: .retry(due: 0, reason: "r")
                }
            return Settlement(key: key, sequence: sequence, outcome: outcome)
        }
        try await store.settle(settlements, in: "unikum", time: StoreUnderTest.time, note: SettlementNote(batch: "b"))
        let keys = Set(settlements.map(\.key))
        _ = try await store.states(of: Array(keys), in: "unikum")
        _ = try await store.sequences(of: keys, in: "unikum")
        _ = try await store.givers(of: Set(keys.map { RowIdentity(kind: "person", key: $0.id) }), in: "unikum")
    }

    @Test(arguments: [1, 4, 90]) func `what a settlement looks at is found by its records`(count: Int) async throws {
        try await Self.check { store in
            for sequence in 1...3 { try await Self.settle(store, count: count, sequence: Int64(sequence)) }
        }
    }

    private static func check(_ work: (any HubStore) async throws -> Void) async throws {
        try await StoreFixture.with { fixture in
            let database = PlannedDatabase(try SQLiteDatabase.open(path: fixture.path))
            let store = try await SQLStore.open(database: database, key: StoreFixture.key)
            database.forget()
            try await work(store)
            #expect(!database.plans.isEmpty)
            for (sql, plan) in database.plans {
                let costly = plan.filter { Self.isCostly($0) || Self.isWide($0) }
                #expect(costly.isEmpty, "\(sql)\n\(plan.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: [[.person], [.absence], [.absence, .transportApplication, .placement]] as [Set<Entity>])
    func `a page of a flow's persons is found from the last one on, without sorting`(entities: Set<Entity>) async throws {
        try await Self.check { store in
            _ = try await store.subjects(with: entities, flow: "absence-once", after: "p5", limit: 200)
        }
    }

    @Test(arguments: [1, 5, 300]) func `what a flow asks for about persons is found by them`(count: Int) async throws {
        let persons = Set((0..<count).map { "p\($0)" })
        let keys = Set(persons.map { RecordKey(.placement, $0) })
        try await Self.check { store in
            _ = try await store.concerned(among: persons, by: [.absence, .placement], flow: "absence-once")
            _ = try await store.records(about: persons, entities: [.absence, .placement, .attendanceSchedule])
            _ = try await store.records(about: "p1", entities: Set(Entity.allCases))
            _ = try await store.subjects(of: keys.union([RecordKey(.attendanceSchedule, "s")]), flow: "absence-once")
            _ = try await store.made(by: "absence-once", for: persons)
            _ = try await store.derivations(of: keys)
        }
    }

    @Test func `what a flow notes is found by its person`() async throws {
        let made = Derivation(key: RecordKey(.absence, "a"), flow: "absence-once", rule: "r", origins: [RecordKey(.absence, "b")])
        let run = FlowRun(
            flow: "absence-once", subject: "p1", reads: [RecordKey(.absence, "b"), RecordKey(.placement, "c")],
            derivations: [made])
        try await Self.check { store in
            _ = try await store.begin([run])
            try await store.finish([run])
            let after = FlowRun(flow: "absence-once", subject: "p1", reads: [], derivations: [])
            _ = try await store.begin([after])
            try await store.finish([after])
        }
    }

    @Test(arguments: [1, 60]) func `what is fetched is found from the last page on, and by terms`(count: Int) async throws {
        let terms = Set((0..<count).map { RecordTerms.reference("person", "p\($0)") })
        let position = ProvidedPosition(id: "p5", time: "2026-08-17T06:00:00.000Z")
        try await Self.check { store in
            for order in [ProvidedOrder.identity, .latestFirst] {
                _ = try await store.provided(ProvidedChoice(.person), order: order, after: position, limit: 100)
            }
            var choice = ProvidedChoice(.person)
            choice.terms = [terms]
            _ = try await store.provided(choice, order: .identity, after: position, limit: 100)
            _ = try await store.identities(of: .duty, terms: terms, limit: 100)
            _ = try await store.deletedRecords(of: .person, after: position.time, position: position, limit: 100)
            _ = try await store.subscriptions(of: "library", after: "a", limit: 100)
        }
    }
}
