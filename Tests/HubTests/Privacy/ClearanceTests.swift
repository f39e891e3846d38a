import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords
import Testing

@testable import Hub

@Suite("Each receiver gets what its clearance allows")
struct ClearanceTests {
    private func rows(_ world: ProtectionWorld, _ system: String, _ kind: String, _ id: String) -> [TargetRow] {
        (world.holdings[system] ?? [:]).values.filter { row in
            row.kind == kind && row.key.split(separator: "|").contains { $0 == id }
        }
    }

    private func mark(_ world: ProtectionWorld, _ person: Int, _ mark: String) async throws {
        world.said[person] = mark
        world.put()
        _ = try await world.intake(.full)
        world.noteChange()
        try await world.wait(seconds: 61)
    }

    @Test func `whoever was left out of class lists, then withheld, stands in them when that is allowed`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            func follow(policy: Int) async throws {
                world.policy = policy
                world.book.replace(with: world.policies[policy])
                world.noteChange()
                try await world.wait(seconds: 61)
            }
            func protect(_ level: ProtectionLevel) async throws {
                _ = try await world.protector.protect(ProtectionWorld.id(0), level: level, by: "prov", reason: "prov")
                world.marked[0] = level
            }
            try await protect(.secrecyMark)
            try await follow(policy: 1)
            #expect(self.rows(world, "alfa", "person", world.opaque(0)).count == 1)
            #expect(self.rows(world, "alfa", "member", world.opaque(0)).isEmpty, "not in class lists at this level")
            try await follow(policy: 2)
            #expect(self.rows(world, "alfa", "person", world.opaque(0)).isEmpty)
            try await protect(.hub)
            try await follow(policy: 1)
            #expect(self.rows(world, "alfa", "person", world.opaque(0)).count == 1)
            #expect(self.rows(world, "alfa", "member", world.opaque(0)).count == 1, "in class lists at this one")
            try await world.checkExpected()
        }
    }

    @Test func `one person, three receivers, three clearances`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await world.pump()
            #expect(self.rows(world, "beta", "person", ProtectionWorld.id(0)).count == 1)
            _ = try await world.protector.consent(ProtectionWorld.id(0), isGiven: true, by: "prov", reason: "prov")
            world.consents = [0]
            try await self.mark(world, 0, "Sekretessmarkering")
            let identity = try #require(try await world.fictitious()[0])
            let alfa = try #require(self.rows(world, "alfa", "person", world.opaque(0)).first)
            #expect(alfa.fields["name"] == identity.givenName)
            #expect(alfa.fields["family"] == identity.familyName)
            #expect(alfa.fields["number"] == identity.number)
            #expect(alfa.fields["street"] == nil && alfa.fields["mail"] == nil && alfa.fields["mark"] == nil)
            #expect(self.rows(world, "alfa", "school", world.opaque(0)).count == 1)
            #expect(self.rows(world, "alfa", "member", world.opaque(0)).count == 1, "in the class list there")
            #expect(self.rows(world, "alfa", "guardian", world.opaque(0)).isEmpty)

            let beta = try #require(self.rows(world, "beta", "person", world.opaque(0)).first)
            #expect(beta.fields["name"] == "Namn0q0" && beta.fields["street"] == "Gata0q 1")
            #expect(beta.fields["mark"] == "Sekretessmarkering", "it must know")
            #expect(self.rows(world, "beta", "guardian", world.opaque(0)).isEmpty, "the family rule")
            #expect(self.rows(world, "beta", "member", world.opaque(0)).count == 1)

            #expect(self.rows(world, "gamma", "person", world.opaque(0)).isEmpty)
            for system in ProtectionWorld.systems {
                #expect(self.rows(world, system, "person", ProtectionWorld.id(0)).isEmpty, "recalled")
                let sibling = try #require(self.rows(world, system, "person", ProtectionWorld.id(1)).first)
                #expect(sibling.fields["street"] == nil, "lives at the same address")
                let guardian = try #require(self.rows(world, system, "person", ProtectionWorld.id(4)).first)
                #expect(guardian.fields["street"] == nil)
                let other = try #require(self.rows(world, system, "person", ProtectionWorld.id(2)).first)
                #expect(other.fields["street"] != nil)
            }
            try await world.checkHoldings()
            try await world.checkExpected()
        }
    }

    @Test func `without a consent nobody has a fictitious identity, and a withdrawn one takes it back`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await self.mark(world, 1, "Sekretessmarkering")
            #expect(try await world.fictitious().isEmpty)
            #expect(self.rows(world, "alfa", "person", world.opaque(1)).isEmpty)
            var numbers: Set<String> = []
            for isGiven in [true, false, true] {
                _ = try await world.protector.consent(ProtectionWorld.id(1), isGiven: isGiven, by: "prov", reason: "prov")
                if isGiven { world.consents.insert(1) } else { world.consents.remove(1) }
                world.noteChange()
                try await world.wait(seconds: 61)
                let held = self.rows(world, "alfa", "person", world.opaque(1))
                #expect(held.count == (isGiven ? 1 : 0))
                if let number = held.first?.fields["number"] { numbers.insert(number) }
            }
            #expect(numbers.count == 1, "the same again")
            let entries = try await world.store.auditEntries(AuditFilter())
            #expect(
                entries.map(\.action).filter { $0.hasPrefix("consent.") } == [
                    "consent.given", "consent.withdrawn", "consent.given",
                ])
        }
    }

    @Test func `a fictitious identity is the same at all receivers and survives what happens to the real one`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            _ = try await world.protector.consent(ProtectionWorld.id(0), isGiven: true, by: "prov", reason: "prov")
            world.consents = [0]
            try await self.mark(world, 0, "Sekretessmarkering")
            let before = try #require(self.rows(world, "alfa", "person", world.opaque(0)).first)
            world.change(0)
            world.put()
            _ = try await world.intake(.full)
            try await world.wait(seconds: 61)
            #expect(
                self.rows(world, "alfa", "person", world.opaque(0)) == [before], "name and number changed, and a full re-sync")
            try await self.mark(world, 0, "Skyddad folkbokföring")
            let gamma = try #require(self.rows(world, "gamma", "person", world.opaque(0)).first)
            #expect(gamma.fields["number"] == before.fields["number"] && gamma.fields["name"] == before.fields["name"])
            #expect(self.rows(world, "alfa", "person", world.opaque(0)).isEmpty)
            try await self.mark(world, 0, "Ingen")
            #expect(self.rows(world, "gamma", "person", world.opaque(0)).isEmpty)
            #expect(self.rows(world, "gamma", "person", ProtectionWorld.id(0)).count == 1)
            try await self.mark(world, 0, "Sekretessmarkering")
            #expect(self.rows(world, "alfa", "person", world.opaque(0)).first?.fields["number"] == before.fields["number"])
        }
    }

    @Test func `what is real goes encrypted over a channel of its own, readable for its receiver alone`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await world.pump()
            world.said[6] = "Sekretessmarkering"
            world.put()
            _ = try await world.intake(.full)
            world.noteChange()
            let entries = try await world.store.next(limit: 500)
            let cleared = entries.filter { $0.exchange == RecordChange.clearedExchange }
            let entry = try #require(cleared.first { $0.change.key.id == world.opaque(6) })
            #expect(entry.routingKey == "cleared.beta")
            let message = entry.change.message
            #expect(message.contentType == RecordChange.sealedContentType)
            #expect(message.headers["cloudEvents_type"] == .string("se.knutpunkt.cleared.person.upserted.v1"))
            let change = try RecordChange(message)
            #expect(change.isSealed && change == entry.change)
            let opened = try ClearedSeal(key: world.key, system: "beta").opened(change)
            #expect(String(decoding: opened.body, as: UTF8.self).contains("Namn6q0"))
            #expect(throws: SealBroken.self) { try ClearedSeal(key: world.key, system: "alfa").opened(change) }
            var other = change
            other.sequence += 1
            #expect(throws: SealBroken.self, "it is bound to its message") {
                try ClearedSeal(key: world.key, system: "beta").opened(other)
            }
            #expect(
                !entries.contains {
                    String(decoding: $0.change.body, as: UTF8.self).contains("Namn6q") && $0.change.operation == .upserted
                })
            try await world.wait(seconds: 61)
            #expect(self.rows(world, "beta", "person", world.opaque(6)).first?.fields["name"] == "Namn6q0")
            #expect(self.rows(world, "alfa", "person", world.opaque(6)).isEmpty)
        }
    }

    @Test func `a failed message of the cleared channel holds the opaque id alone, and is made again of the vault`() async throws
    {
        try await ProtectionSequenceTests.withWorld { world in
            try await self.mark(world, 2, "Sekretessmarkering")
            let key = RecordKey(.person, world.opaque(2))
            let form = try #require(try await world.store.forms(of: [key], for: "beta")[key])
            let rows = self.rows(world, "beta", "person", key.id)
            let failure = NewFailure(
                stage: .delivery, system: "beta", key: key, sequence: form.sequence, kind: "rejected", code: "http-status",
                field: nil, place: nil, message: "refused", body: form.body,
                form: DeliveredForm(rows: rows, references: [], missing: [], mappings: nil))
            try await world.store.record([failure], time: world.clock.timestamp)
            let failed = try #require(try await world.store.list(FailureFilter()).first)
            #expect(try await world.store.message(failed.id)?.failure.body == nil)
            #expect(try await world.store.forms(of: [failed.id]).isEmpty)
            #expect(!"\(failed)".contains("Namn2q"))
            #expect(try await world.store.replay([failed.id]) == 1)
            let entry = try #require(try await world.store.next(limit: 10).first)
            #expect(entry.exchange == RecordChange.clearedExchange && entry.change.redelivery == "replay")
            #expect(try ClearedSeal(key: world.key, system: "beta").opened(entry.change).body == form.body)
            try await world.pump()
            #expect(try await world.store.list(FailureFilter()).isEmpty)
        }
    }

    @Test func `a guardian who must not be told isn't, with protection and without`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await world.pump()
            #expect(self.rows(world, "alfa", "guardian", ProtectionWorld.id(3)).count == 2)
            #expect(
                try await world.protector.block(
                    child: ProtectionWorld.id(3), guardian: ProtectionWorld.id(7), isBlocked: true, by: "prov", reason: "prov"))
            try await world.pump()
            #expect(self.rows(world, "alfa", "guardian", ProtectionWorld.id(3)).count == 1)
            world.change(3)
            world.put()
            _ = try await world.intake(.full)
            try await world.pump()
            #expect(self.rows(world, "alfa", "guardian", ProtectionWorld.id(3)).count == 1, "the source has it still")
            _ = try await world.protector.block(
                child: ProtectionWorld.id(3), guardian: ProtectionWorld.id(7), isBlocked: false, by: "prov", reason: "prov")
            _ = try await world.intake(.full)
            try await world.pump()
            #expect(self.rows(world, "alfa", "guardian", ProtectionWorld.id(3)).count == 2)
        }
    }
}
