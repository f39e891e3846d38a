import ConnectorKit
import Foundation
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

/// Roles that the hub gives and takes away, from the register to the receiving system.
@Suite("Roles reach their system, are held there once, and are taken away there")
struct RoleDeliveryTests {
    /// The mentor of a pupil in Unikum: teacher 21, pupils 10 to 12 (``Documents/fill(_:)``).
    private static func mentor(_ pupil: Int = 10, until end: CalendarDate? = nil) -> RoleGrant {
        var grant = RoleGrant(
            id: "", person: Documents.id(21), system: "unikum", role: "mentor", pupil: Documents.id(pupil), endDate: end)
        grant.id = grant.derivedID
        return grant
    }

    private struct Stage {
        let hub: TestHub
        let source: ScriptedSource
        let target: RecordingTarget
        var publisher: RolePublisher { RolePublisher(store: self.hub.store, mappings: self.hub.mappings) }

        /// The relations of mentors that Unikum has.
        var mentors: Set<String> { self.target.rowNames.filter { $0.hasPrefix("mentor_for ") } }

        func rest() async throws { try await self.hub.run(self.target) { try await self.hub.isAtRest() } }

        /// Publishes and waits until it is over.
        @discardableResult
        func publish(_ changes: RoleChange..., counting: TakeCounting = .seen) async throws -> [RoleProgress?] {
            let takings = try await self.publisher.publish(changes, counting: counting)
            // What the hub never gave isn't behind in the store: that nothing is under way is asked of the changes themselves.
            try await self.hub.run(self.target) {
                guard try await self.hub.isSettled() else { return false }
                return try await !self.publisher.progress(of: takings).values.contains(.underWay)
            }
            let progress = try await self.publisher.progress(of: takings)
            return takings.map { progress[$0.key] }
        }
    }

    private func stage(limits: JSONValue? = nil, _ body: (Stage) async throws -> Void) async throws {
        try await TestHub.with(limits: limits) { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let stage = Stage(hub: hub, source: source, target: RecordingTarget())
            try await stage.rest()
            try await body(stage)
        }
    }

    @Test func `a role that is given is there, and gone when it is revoked`() async throws {
        try await self.stage { stage in
            let grant = Self.mentor()
            try await #expect(stage.publish(RoleChange(.granted, grant, after: 0)) == [.delivered])
            #expect(stage.mentors.count == 1)
            try await #expect(stage.publish(RoleChange(.revoked, grant, after: 1)) == [.delivered])
            #expect(stage.mentors.isEmpty)
        }
    }

    @Test func `given twice, sent again and replayed it is written once`() async throws {
        try await self.stage { stage in
            let grant = Self.mentor()
            let batches = stage.target.batchIDs.count
            for _ in 1...3 {
                try await #expect(stage.publish(RoleChange(.granted, grant, after: 0)) == [.delivered])
                try await stage.hub.store.redeliver([RecordKey(.roleGrant, grant.id)], to: "unikum", reason: "replay")
                try await stage.rest()
            }
            #expect(stage.target.batchIDs.count == batches + 1 && stage.mentors.count == 1)
        }
    }

    @Test func `a role that somebody gave in the system itself is taken away there`() async throws {
        try await self.stage { stage in
            let grant = Self.mentor()
            try await stage.publish(RoleChange(.granted, grant))
            let row = try #require(stage.mentors.first)
            let held = stage.target.state.withLock { $0.rows[row] }
            try await stage.publish(RoleChange(.revoked, grant))
            // Given again by hand: the hub's own grant is revoked by now.
            stage.target.state.withLock { $0.rows[row] = held }
            try await #expect(stage.publish(RoleChange(.revoked, grant, after: 2)) == [.delivered])
            #expect(stage.mentors.isEmpty)
            // One that the hub never gave.
            let other = Self.mentor(11, until: CalendarDate("2020-06-30"))
            stage.target.state.withLock { state in
                guard var row = held else { return }
                row = TargetRow(kind: row.kind, key: row.key.replacing("20130111", with: "20130112"), fields: row.fields)
                state.rows["mentor_for \(row.key)"] = row
            }
            #expect(stage.mentors.count == 1)
            try await #expect(stage.publish(RoleChange(.revoked, other, after: 0)) == [.delivered])
            #expect(stage.mentors.isEmpty, "also one whose last day is over")
        }
    }

    @Test func `a role that the system has lost is given again`() async throws {
        try await self.stage { stage in
            let grant = Self.mentor()
            try await stage.publish(RoleChange(.granted, grant))
            stage.target.state.withLock { state in state.rows = state.rows.filter { !$0.key.hasPrefix("mentor_for ") } }
            try await stage.publish(RoleChange(.granted, grant))
            #expect(stage.mentors.isEmpty, "nobody said that the system was seen without it")
            try await #expect(stage.publish(RoleChange(.granted, grant, after: 1)) == [.delivered])
            #expect(stage.mentors.count == 1)
        }
    }

    @Test func `a role waits for its person, and says so`() async throws {
        try await self.stage { stage in
            var grant = Self.mentor()
            grant.person.id = Documents.id(77)
            grant.id = grant.derivedID
            let takings = try await stage.publisher.publish([RoleChange(.granted, grant)])
            try await stage.hub.run(stage.target) { try await stage.hub.isSettled() }
            let key = try #require(takings.first?.key)
            try await #expect(
                stage.publisher.progress(of: takings)[key] == .waits(for: [RecordKey(.person, Documents.id(77))]))
            stage.source.put(.person, Documents.person(77, modified: "2026-08-02T00:00:00Z"))
            _ = try await stage.hub.intake(stage.source).run(.changes)
            try await stage.rest()
            try await #expect(stage.publisher.progress(of: takings)[key] == .delivered)
            #expect(stage.mentors.count == 1)
        }
    }

    @Test func `whoever becomes protected loses the role at the system, and no message says whose it was`() async throws {
        try await self.stage { stage in
            try await stage.publish(RoleChange(.granted, Self.mentor()))
            #expect(stage.mentors.count == 1)
            stage.source.put(
                .person, Documents.person(21, marking: "Skyddad folkbokföring", modified: "2026-08-02T00:00:00Z"))
            _ = try await stage.hub.intake(stage.source).run(.changes)
            for entry in try await stage.hub.store.next(limit: 100) where entry.exchange == RoleAddress.exchange {
                #expect(entry.routingKey == "role.revoked.unikum")
                #expect(!"\(entry.change.message.headers)".contains(Documents.id(21)))
                #expect(!String(decoding: entry.change.body, as: UTF8.self).contains(Documents.id(21)))
            }
            try await stage.rest()
            #expect(stage.mentors.isEmpty)
        }
    }

    @Test func `a relation that something else gives too stays until nobody gives it any more`() async throws {
        try await self.stage { stage in
            let (first, second) = (Self.mentor(), Self.mentor())
            var manual = second
            manual.id = "manual-1"
            try await stage.publish(RoleChange(.granted, first), RoleChange(.granted, manual))
            try await stage.publish(RoleChange(.revoked, first))
            #expect(stage.mentors.count == 1)
            try await stage.publish(RoleChange(.revoked, manual))
            #expect(stage.mentors.isEmpty)
        }
    }

    @Test func `the revocation of somebody's role whom the system doesn't know fails, and says what to do`() async throws {
        try await self.stage { stage in
            var grant = Self.mentor()
            grant.person.id = Documents.id(78)
            grant.id = grant.derivedID
            guard case .failed(_, let code, _)? = try await stage.publish(RoleChange(.revoked, grant, after: 0)).first else {
                Issue.record("it didn't fail")
                return
            }
            #expect(code == "role-unknown")
        }
    }

    @Test(arguments: [(TakeCounting.seen, true), (.unseen, false)])
    func `very many revocations are held unless somebody has approved them`(_ counting: TakeCounting, _ passes: Bool) async throws
    {
        let limits: JSONValue = ["deletes": ["percent": 5, "at_least": 2], "updates": ["percent": 100, "at_least": 1000]]
        try await self.stage(limits: limits) { stage in
            let grants = [10, 11, 12].map { Self.mentor($0) }
            try await stage.publisher.publish(grants.map { RoleChange(.granted, $0) })
            try await stage.rest()
            #expect(stage.mentors.count == 3)
            let takings = try await stage.publisher.publish(grants.map { RoleChange(.revoked, $0) }, counting: counting)
            try await stage.hub.run(stage.target) {
                try await stage.publisher.progress(of: takings).values.allSatisfy { !$0.isOpen }
            }
            let progress = try await stage.publisher.progress(of: takings)
            if passes {
                #expect(Set(progress.values) == [.delivered] && stage.mentors.isEmpty)
            } else {
                // So many as the limit lets through may have gone in a batch of their own; from then on nothing does.
                let held = progress.values.filter { if case .held = $0 { true } else { false } }
                #expect(!held.isEmpty && held.count == stage.mentors.count, "\(progress.values)")
                #expect(progress.values.allSatisfy { $0 == .delivered || held.contains($0) }, "\(progress.values)")
            }
        }
    }

    @Test func `what a system says under the hub's own key never takes the place of what the hub decided`() async throws {
        try await self.stage { stage in
            let grant = Self.mentor()
            try await stage.publish(RoleChange(.granted, grant))
            let key = RecordKey(.roleGrant, grant.id)
            let watch = EchoWatch(system: "tempus", entity: .roleGrant, store: stage.hub.store)
            var states = [key, RecordKey(.roleGrant, "held-1")].map {
                RecordState(key: $0, owner: grant.person.id, body: grant.json.canonicalData)
            }
            var taking = watch
            try await #expect(taking.take(from: &states) == 1)
            #expect(states.map(\.key.id) == ["held-1"])
            try await #expect(watch.own([key, RecordKey(.roleGrant, "held-1")]) == [RecordKey(.roleGrant, "held-1")])
        }
    }

    @Test func `roles for a system that takes none are refused before anything is taken`() async throws {
        try await self.stage { stage in
            #expect(stage.publisher.systems.isSuperset(of: ["unikum", "skola24", "tempus", "vega", "skolon"]))
            var grant = Self.mentor()
            grant.system = "edlevo"
            await #expect(throws: RoleRefusal(systems: ["edlevo"], known: stage.publisher.systems.sorted())) {
                try await stage.publisher.publish([RoleChange(.granted, Self.mentor()), RoleChange(.granted, grant)])
            }
            try await #expect(stage.hub.store.backlog() == 0)
        }
    }
}
