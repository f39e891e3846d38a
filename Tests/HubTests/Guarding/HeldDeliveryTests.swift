import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Synchronization
import Testing

@Suite("Held changes: what a receiving system would be given of very much waits for a person", .timeLimit(.minutes(5)))
struct HeldDeliveryTests {
    private func loaded(_ hub: TestHub, _ guarded: GuardedSource, _ target: RecordingTarget) async throws {
        _ = try await hub.intake(guarded.source).run(.full)
        try await hub.run(target) { try await hub.isAtRest() }
        #expect(try await hub.held([.held, .applied, .superseded]).isEmpty, "a first load isn't held")
    }

    private func rows(_ target: RecordingTarget) -> [String: TargetRow] { target.state.withLock { $0.rows } }

    /// Persons in the target whose first name is no more what it was.
    private func renamed(_ target: RecordingTarget) -> Int {
        self.rows(target).values.count { $0.kind == "person" && $0.fields["fornamn"]?.hasPrefix("Åke") == false }
    }

    private func marker(_ hub: TestHub, _ guarded: GuardedSource, _ number: Int) async throws {
        guarded.source.put(.person, Documents.person(number, name: "Åke Ny", modified: "2026-09-01T00:00:00Z"))
        _ = try await hub.intake(guarded.source).run(.changes)
    }

    private func has(_ target: RecordingTarget, _ number: Int) -> Bool {
        self.rows(target).values.contains { $0.kind == "person" && $0.fields["efternamn"] == "Testsson\(number)" }
    }

    private func edited() throws -> MappingBook {
        MappingBook(
            try TestHub.mappings(
                editing: "unikum/person.yaml", "fornamn: {from: givenName,", to: "fornamn: {from: familyName,"))
    }

    @Test func `an edited mapping that would change most changes nothing until it is approved, and then exactly that`()
        async throws
    {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            let before = self.rows(target)
            hub.mappings.replace(with: try self.edited().set)
            // Looked at without a message, and nothing comes through when everybody is sent again.
            try await hub.run(target) { try await !hub.held().isEmpty }
            let change = try #require(try await hub.held().first)
            #expect(change.entity == "mappings" && change.updates == 200 && change.deletes == 0)
            #expect(change.hints.map(\.kind) == [.mappingEdited])
            #expect(change.findings.map(\.field) == ["person: fornamn"])
            #expect(try await !hub.store.samples(ofHeld: change.id).isEmpty)
            try await hub.store.redeliver(
                try await hub.store.liveIDs(of: .person, source: "edlevo").map { RecordKey(.person, $0) }, to: "unikum",
                reason: "resend")
            try await self.marker(hub, guarded, 300)
            try await hub.run(target) { self.has(target, 300) }
            #expect(self.rows(target).filter { before[$0.key] != nil } == before)

            try await hub.approve(change.id)
            try await hub.run(target) { try await hub.held([.applied]).map(\.id) == [change.id] }
            #expect(self.renamed(target) == 201, "the approved ones, and the new person")
            let others = self.rows(target).filter { $0.value.kind != "person" }
            #expect(others == before.filter { $0.value.kind != "person" })
        }
    }

    @Test func `an edit that is taken back leaves nothing behind`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            let before = self.rows(target)
            let original = hub.mappings.set
            hub.mappings.replace(with: try self.edited().set)
            try await hub.run(target) { try await !hub.held().isEmpty }
            let change = try #require(try await hub.held().first)
            hub.mappings.replace(with: original)
            try await hub.run(target) { try await hub.held([.superseded]).map(\.id) == [change.id] }
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(try await hub.store.aside(with: change.id).isEmpty)
            #expect(self.rows(target) == before)
        }
    }

    @Test func `mappings edited while the hub stood still are looked at, too`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            // A hub that starts with others.
            let other = TestHub(directory: hub.directory, key: hub.key, store: hub.store, mappings: try self.edited())
            try await other.run(target) { try await !hub.held().isEmpty }
            #expect(self.renamed(target) == 0)
        }
    }

    @Test func `a wave that nobody has seen stops at the limit, and approved goes on with exactly what was set aside`()
        async throws
    {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            for number in GuardedSource.numbers { guarded.source.put(.person, GuardedSource.pupil(number, name: "Ny")) }
            _ = try await hub.intake(guarded.source, limits: GuardedSource.unlimited).run(.full)
            try await hub.run(target) {
                let waiting = try await hub.held().map(\.updates).reduce(0, +)
                return waiting > 0 && waiting + self.renamed(target) == 200
            }
            #expect(self.renamed(target) <= 50, "no more than the limit")
            let changes = try await hub.held()
            #expect(changes.count == 1, "one change to look at, however many batches")
            let change = try #require(changes.first)
            #expect(try await hub.store.aside(with: change.id).count == change.updates)
            // Whoever asks where one of them is, is told.
            let aside = try #require(try await hub.store.aside(with: change.id).first)
            let reader = JourneyReader(store: hub.store, mappings: hub.mappings.set, key: hub.key)
            let answer = try await reader.answer(.record(aside, system: "unikum"), limit: 1)
            let journey = try #require(answer?.journeys.first)
            #expect(journey.needsSomebody && journey.systems.map(\.state) == [.held] && journey.systems[0].has == 1)
            #expect(journey.systems[0].next == ["knutpunkt held show \(change.id)"])
            try await hub.approve(change.id)
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.renamed(target) == 200)
            #expect(try await hub.held([.applied]).map(\.id) == [change.id])
        }
    }

    @Test func `rows that go are held by themselves`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            @Sendable func inSchool() -> Int { self.rows(target).values.count { $0.kind == "student_in_school" } }
            #expect(inSchool() == 200)
            guarded.edit(GuardedSource.numbers) { $0["enrolments"] = nil }
            _ = try await hub.intake(guarded.source, limits: GuardedSource.unlimited).run(.full)
            try await hub.run(target) {
                let waiting = try await hub.held().flatMap(\.kinds).filter { $0.kind == "student_in_school" }.map(\.deletes)
                return waiting.reduce(0, +) > 0 && waiting.reduce(0, +) + 200 - inSchool() == 200
            }
            #expect(inSchool() >= 180)
        }
    }

    @Test func `as many that go as come are no calm: each is counted by itself`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            @Sendable func keys() -> Set<String> {
                Set(self.rows(target).values.filter { $0.kind == "student_in_school" }.map(\.key))
            }
            let before = keys()
            #expect(before.count == 200)
            // Half of the pupils go, and as many others come: net, nothing changes.
            for number in GuardedSource.numbers.prefix(100) {
                guarded.source.remove(.person, GuardedSource.pupil(number)["id"]?.stringValue ?? "")
            }
            for number in 300..<400 { guarded.source.put(.person, GuardedSource.pupil(number)) }
            _ = try await hub.intake(guarded.source, limits: GuardedSource.unlimited).run(.full)
            @Sendable func counts() async throws -> [HeldKind] {
                try await hub.held().flatMap(\.kinds).filter { $0.kind == "student_in_school" }
            }
            try await hub.run(target) {
                let waiting = try await counts().map(\.deletes).reduce(0, +)
                let gone = before.subtracting(keys()).count
                return waiting > 0 && waiting + gone == 100 && keys().subtracting(before).count == 100
            }
            #expect(before.subtracting(keys()).count <= 20, "no more than the limit")
            #expect(try await counts().allSatisfy { $0.creates == 0 }, "those that come have no limit")
        }
    }

    @Test func `what was approved on its way in isn't held on its way out`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            for number in GuardedSource.numbers { guarded.source.put(.person, GuardedSource.pupil(number, name: "Ny")) }
            let change = try #require(try await hub.intake(guarded.source).run(.full).held.first)
            try await hub.approve(change.id)
            _ = try await hub.intake(guarded.source).run(.full)
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.renamed(target) == 200)
            #expect(try await hub.held().isEmpty)
        }
    }

    @Test func `persons who become protected go out of sight without waiting`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            let target = RecordingTarget(batchSize: 500)
            try await self.loaded(hub, guarded, target)
            guarded.edit(GuardedSource.numbers) { $0["securityMarking"] = "Sekretessmarkering" }
            _ = try await hub.intake(guarded.source).run(.full)
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.rows(target).values.count { $0.kind == "student_in_school" } == 0)
            #expect(try await hub.held().isEmpty)
            #expect(try await hub.held([.told]).count == 1, "somebody is told")
        }
    }
}
