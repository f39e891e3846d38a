import Synchronization
import ConnectorKit
import Foundation
@testable import Hub
import Messaging
import SchoolRecords
import Testing

@Suite("Delivery: from the queue into a receiving system")
struct DeliveryTests {
    fileprivate func filled(_ hub: TestHub) async throws -> ScriptedSource {
        let source = ScriptedSource()
        Documents.fill(source)
        _ = try await hub.intake(source).run(.full)
        return source
    }

    fileprivate func row(_ hub: TestHub, _ target: RecordingTarget, _ kind: String) -> Int {
        target.rowNames.filter { $0.hasPrefix(kind + " ") }.count
    }

    @Test func `everything taken in reaches the system, objects and relations`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.row(hub, target, "person") == 5)
            #expect(self.row(hub, target, "class") == 1)
            #expect(self.row(hub, target, "student_in_class") == 3)
            #expect(self.row(hub, target, "student_in_school") == 3)
            #expect(self.row(hub, target, "guardian_for") == 3)
            #expect(try await hub.store.counts().published >= 8)
        }
    }

    @Test func `a membership before its person waits for the person and is written after it`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            source.remove(.person, Documents.id(12))
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isSettled() }
            #expect(self.row(hub, target, "student_in_class") == 2, "those that are there are members already")
            #expect(try await hub.store.waitingCounts() == ["unikum": 1])
            source.put(.person, Documents.person(12, unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.row(hub, target, "student_in_class") == 3)
        }
    }

    @Test func `a mentor's relations follow the class that the mentor has`() async throws {
        try await TestHub.with { hub in
            let source = try await self.filled(hub)
            source.put(.duty, Documents.duty(50, person: 21, school: 1, title: "2752 Grundskollärare", mentorOf: 30))
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.row(hub, target, "mentor_for") == 3)
            source.put(.group, Documents.group(30, school: 1, members: [10, 11], modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(self.row(hub, target, "mentor_for") == 2)
        }
    }

    @Test func `an outage fails nothing, and the same batch is written when it is over`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            let target = RecordingTarget()
            let down = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "down")
            target.state.withLock { $0.failures = [down, down] }
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(target.state.withLock { $0.calls } >= 3)
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
            #expect(self.row(hub, target, "person") == 5)
        }
    }

    @Test func `an answer lost after the write leads to the same batch under the same id`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            let target = RecordingTarget()
            target.state.withLock { $0.lostAnswers = 1 }
            try await hub.run(target) { try await hub.isAtRest() }
            let ids = target.batchIDs
            #expect(ids[0] == ids[1])
            let batches = target.state.withLock { $0.batches }
            #expect(batches[0] == batches[1])
            #expect(Set(ids.dropFirst()).count == ids.count - 1)
        }
    }

    @Test func `a batch prepared before a crash is written first after it`() async throws {
        try await TestHub.with { hub in
            let row = TargetRow(kind: "class", key: "k", fields: ["namn": "K"])
            let key = RecordKey(.group, Documents.id(90))
            try await hub.store.prepare(
                PreparedBatch(
                    system: "unikum",
                    batch: TargetBatch(
                        id: "000000001-abc", writes: [TargetWrite(record: key, sequence: 1, set: [row], removed: [])]),
                    settlements: [Settlement(key: key, sequence: 1, outcome: .applied(rows: [row], references: [], missing: []))])
            )
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.store.prepared(for: "unikum") == nil }
            #expect(target.batchIDs == ["000000001-abc"])
            #expect(try await hub.store.states(of: [key], in: "unikum")[key]?.rows == [row])
        }
    }

    @Test func `messages that come twice, late or out of order change nothing`() async throws {
        try await TestHub.with { hub in
            let source = try await self.filled(hub)
            let old = try await hub.store.next(limit: 100)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            source.put(.person, Documents.person(10, name: "Ny", unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            try await hub.run(target) { try await hub.isAtRest() }
            let rows = target.state.withLock { $0.rows }
            let batches = target.batchIDs.count
            // Every message of the first load once more, backwards.
            for entry in old.reversed() {
                _ = try await hub.broker.publish([Publication(entry.change.message, exchange: "", routingKey: "deliver.unikum")])
            }
            let before = try await hub.store.counts().superseded
            try await hub.run(target) { try await hub.store.counts().superseded >= before + old.count }
            #expect(target.state.withLock { $0.rows } == rows)
            #expect(target.batchIDs.count == batches)
        }
    }

    @Test func `a value without a code is one failure a record, and goes through when sent again after the table has it`()
        async throws
    {
        try await TestHub.with { hub in
            let source = try await self.filled(hub)
            for number in 50...52 { source.put(.duty, Documents.duty(number, person: 21, school: 1, title: "X901 Provare")) }
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) {
                guard try await hub.isSettled() else { return false }
                return try await hub.store.list(FailureFilter()).count == 3
            }
            let groups = try await hub.store.groups(FailureFilter())
            #expect(groups.count == 1)
            #expect(groups.first?.count == 3)
            #expect(groups.first?.place?.contains("unikum/duty.yaml:") == true)
            // Put right at the source this time: the newer state supersedes the failure by itself.
            for number in 50...52 {
                var duty = Documents.duty(number, person: 21, school: 1, title: "2752 Grundskollärare")
                duty["meta"] = Documents.meta("2026-08-03T00:00:00Z")
                source.put(.duty, duty)
            }
            _ = try await hub.intake(source).run(.changes)
            try await hub.run(target) {
                guard try await hub.isSettled() else { return false }
                return try await hub.store.list(FailureFilter()).isEmpty
            }
            #expect(self.row(hub, target, "staff_in_school") == 1, "three duties at one school are one relation")
        }
    }

    @Test func `what the system refuses is a failure of that record alone, and can be sent again`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            let target = RecordingTarget()
            let key = RecordKey(.person, Documents.id(21))
            target.state.withLock {
                $0.refused[key] = ConnectorFailure(.rejected, code: .rowRefused, message: "the row was refused")
            }
            try await hub.run(target) {
                guard try await hub.isSettled() else { return false }
                return try await hub.store.list(FailureFilter()).count == 1
            }
            #expect(self.row(hub, target, "person") == 4)
            target.state.withLock { $0.refused = [:] }
            let ids = try await hub.store.list(FailureFilter()).map(\.id)
            #expect(try await hub.store.replay(ids) == 1)
            #expect(try await hub.store.replay(ids) == 0, "a second click sends nothing")
            try await hub.run(target) { try await hub.store.counts().replayed == 1 }
            #expect(self.row(hub, target, "person") == 5)
        }
    }

    @Test func `a message that can't be read becomes a failure and the queue goes on`() async throws {
        try await TestHub.with { hub in
            try await hub.declare()
            _ = try await hub.broker.publish([
                Publication(
                    Message(id: "x", contentType: "text/plain", body: Data("?".utf8)), exchange: "", routingKey: "deliver.unikum")
            ])
            _ = try await self.filled(hub)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(try await hub.store.list(FailureFilter()).map(\.failure.kind) == ["undecodable"])
            #expect(self.row(hub, target, "person") == 5)
        }
    }

    @Test func `an unchanged projection isn't written`() async throws {
        try await TestHub.with { hub in
            let source = try await self.filled(hub)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            let batches = target.batchIDs.count
            var person = Documents.person(21, modified: "2026-08-02T00:00:00Z")
            person["sex"] = "Okänt"
            source.put(.person, person)
            _ = try await hub.intake(source).run(.changes)
            try await hub.run(target) { try await hub.isSettled() }
            #expect(target.batchIDs.count == batches)
        }
    }

    @Test func `a deleted record's relations are taken away`() async throws {
        try await TestHub.with { hub in
            let source = try await self.filled(hub)
            // Not the last group: that is an empty list, and held.
            source.put(.group, Documents.group(31, school: 1, members: []))
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            source.remove(.group, Documents.id(30))
            _ = try await hub.intake(source).run(.full)
            try await hub.run(target) { try await hub.isSettled() }
            #expect(self.row(hub, target, "student_in_class") == 0)
        }
    }
}

@Suite("A new day")
struct DailyTests {
    @Test func `what begins or ends by its date is written on that day, and nothing else`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            var group = Documents.group(30, school: 1, members: [10, 11])
            group["groupMemberships"] = [
                ["person": ["id": .string(Documents.id(10))], "startDate": "2020-08-01"],
                ["person": ["id": .string(Documents.id(11))], "startDate": "2020-08-01", "endDate": "2026-03-01"],
                ["person": ["id": .string(Documents.id(12))], "startDate": "2026-03-02"],
            ]
            source.put(.group, group)
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            let before = TestHub.clock("2026-03-01T12:00:00Z")
            let after = TestHub.clock("2026-03-02T12:00:00Z")
            func daily(_ clock: HubClock) -> DailyService {
                DailyService(system: "unikum", entities: Entity.roster, store: hub.store, clock: clock, logger: hub.logger)
            }
            #expect(try await daily(before).remapIfNew() == 0)
            try await hub.run(target, clock: before) { try await hub.isAtRest() }
            #expect(target.rowNames.filter { $0.hasPrefix("student_in_class") }.count == 2)
            let batches = target.batchIDs.count
            #expect(try await daily(before).remapIfNew() == 0, "the same day")
            #expect(try await daily(after).remapIfNew() == 8)
            try await hub.run(target, clock: after) { try await hub.isAtRest() && target.batchIDs.count > batches }
            let written = target.state.withLock { $0.batches }.dropFirst(batches).flatMap(\.writes)
            #expect(written.flatMap(\.set).count == 1)
            #expect(written.flatMap(\.removed).count == 1)
        }
    }
}

@Suite("A record whose reference is about to change")
struct ReferenceUnderWayTests {
    @Test func `keeps what it has until the reference is there, and nothing is taken away to be set again`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            // The class and then a pupil in it change; the class's message is handed out while the pupil's is still to come.
            source.put(.group, Documents.group(30, school: 1, members: [10, 11, 12], modified: "2026-08-02T00:00:00Z"))
            var group = Documents.group(30, school: 1, members: [10, 11, 12], modified: "2026-08-02T00:00:00Z")
            group["displayName"] = "Klass ny"
            source.put(.group, group)
            _ = try await hub.intake(source).run(.changes)
            source.put(.person, Documents.person(10, name: "Ny", unit: 2, guardians: [20], modified: "2026-08-03T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            let planner = DeliveryPlanner(
                system: "unikum", mappings: hub.mappings.set, today: HubClock.system.calendarDate, store: hub.store)
            let entry = try await hub.store.next(limit: 10).first { $0.change.key.entity == .group }
            let plan = try await planner.plan([try #require(entry).change])
            #expect(plan.writes.flatMap(\.removed).isEmpty)
            #expect(plan.writes.flatMap(\.set).map(\.kind) == ["class"])
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(target.state.withLock { $0.batches }.flatMap(\.writes).flatMap(\.removed).isEmpty)
            #expect(target.rowNames.filter { $0.hasPrefix("student_in_class") }.count == 3)
        }
    }
}

extension DeliveryTests {
    /// A message held while a system is down would outlast the broker's patience with consumers, and each time that runs out
    /// count as one more try.
    @Test func `while a system takes nothing its messages wait in the queue, held by nobody`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            let target = RecordingTarget(batchSize: 2)
            let down = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "down")
            target.state.withLock { $0.failures = Array(repeating: down, count: 1000) }
            try await hub.run(target, clock: FaultClock.hasty) {
                guard target.state.withLock({ $0.calls }) >= 3, try await hub.store.backlog() == 0 else { return false }
                guard let prepared = try await hub.store.prepared(for: "unikum") else { return false }
                // All but those of the stored batch are ready to be handed out.
                let published = try await hub.store.counts().published
                let depth = try await hub.broker.depth(of: "deliver.unikum") ?? 0
                return depth == published - prepared.settlements.count
            }
            target.state.withLock { $0.failures = [] }
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
            #expect(self.row(hub, target, "person") == 5)
        }
    }
}
