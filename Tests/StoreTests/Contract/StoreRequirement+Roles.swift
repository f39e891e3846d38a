import ConnectorKit
import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    private static func grant(
        _ person: String = "teacher", _ role: String = "personal", system: String = "unikum", until end: String? = nil
    ) -> RoleGrant {
        var grant = RoleGrant(
            id: "", person: person, system: system, role: role, organisation: "school", endDate: end.flatMap { CalendarDate($0) })
        grant.id = grant.derivedID
        return grant
    }

    private static func take(
        _ subject: StoreUnderTest, _ changes: RoleChange..., counting: TakeCounting = .seen
    ) async throws -> [RoleTaking] {
        try await subject.store.take(changes, counting: counting, time: StoreUnderTest.time)
    }

    static let roles: [StoreRequirement] = [
        .init("a role that is granted stands in the outbox for the exchange of roles, whole and with its times") { subject in
            let grant = Self.grant()
            let taking = try await Self.take(subject, RoleChange(.granted, grant))
            #expect(taking.map(\.outcome) == [.taken] && taking.map(\.sequence) == [1])
            let entry = try #require(try await subject.store.next(limit: 9).first)
            #expect(entry.exchange == "knutpunkt.roles" && entry.routingKey == "role.granted.unikum")
            let body = try JSONValue(parsing: entry.change.body)
            #expect(body["role"] == "personal" && body["meta"]?["modified"]?.stringValue == StoreUnderTest.time)
            #expect(entry.change.role == RoleAddress(system: "unikum", person: "teacher"))
        },
        .init("a role that is revoked is told whole, under the same sequence of its grant, and is no live record") { subject in
            let grant = Self.grant()
            _ = try await Self.take(subject, RoleChange(.granted, grant))
            let taking = try await Self.take(subject, RoleChange(.revoked, grant))
            #expect(taking.map(\.outcome) == [.taken] && taking.map(\.sequence) == [2])
            // The grant was overtaken before anybody was told of it.
            let entry = try #require(try await subject.store.next(limit: 9).first)
            #expect(entry.routingKey == "role.revoked.unikum" && entry.change.sequence == 2)
            let body = try JSONValue(parsing: entry.change.body)
            #expect(body["person"]?["id"] == "teacher" && body["organisation"]?["id"] == "school" && body["meta"] != nil)
            try await #expect(subject.store.roles(in: "unikum", side: .decided).isEmpty)
        },
        .init("a role that the hub never gave can be revoked, once") { subject in
            let grant = Self.grant()
            for (turn, outcome) in [RoleTaking.Outcome.taken, .unchanged].enumerated() {
                let taking = try await Self.take(subject, RoleChange(.revoked, grant, after: 0))
                #expect(taking.map(\.outcome) == [outcome] && taking.map(\.sequence) == [1], "\(turn)")
            }
            try await #expect(subject.store.backlog() == 1)
        },
        .init("a change handed in again leaves no trace, whichever sequence it was decided at") { subject in
            let changes = [RoleChange(.granted, Self.grant(), after: 0), RoleChange(.granted, Self.grant("other"))]
            for outcome in [RoleTaking.Outcome.taken, .unchanged, .unchanged] {
                let takings = try await subject.store.take(changes, counting: .seen, time: StoreUnderTest.time)
                #expect(takings.map(\.outcome) == [outcome, outcome] && takings.map(\.sequence) == [1, 1])
            }
            try await #expect(subject.store.backlog() == 2)
        },
        .init("when one grant has moved since it was looked at nothing is taken, and the one that moved is told") { subject in
            let (first, second) = (Self.grant(), Self.grant("other"))
            _ = try await Self.take(subject, RoleChange(.granted, first, after: 0))
            let takings = try await Self.take(
                subject, RoleChange(.granted, second, after: 0), RoleChange(.granted, Self.grant(until: "2027-01-01"), after: 0))
            #expect(takings.map(\.outcome) == [.stopped, .moved] && takings.map(\.sequence) == [0, 1])
            try await #expect(subject.store.roleSequences([first.id, second.id]) == [first.id: 1])
            try await #expect(subject.store.backlog() == 1)
        },
        .init("what a system has lost is given again: the rows that it was given are forgotten, not which they are") { subject in
            let grant = Self.grant()
            let key = RecordKey(.roleGrant, grant.id)
            _ = try await Self.take(subject, RoleChange(.granted, grant))
            let rows = [TargetRow(kind: "staff_in_school", key: "a|b", fields: ["from": "a", "to": "b"])]
            try await subject.store.settle(
                [Settlement(key: key, sequence: 1, outcome: .applied(rows: rows, references: [], missing: []))], in: "unikum",
                time: StoreUnderTest.time)
            let takings = try await Self.take(subject, RoleChange(.granted, grant, after: 1))
            #expect(takings.map(\.outcome) == [.taken] && takings.map(\.sequence) == [2])
            let state = try await subject.store.states(of: [key], in: "unikum")[key]
            #expect(state?.rows == [TargetRow(kind: "staff_in_school", key: "a|b", fields: [:])] && state?.sequence == 1)
        },
        .init("a role is sent again to its system alone, whoever asks") { subject in
            let grant = Self.grant()
            let key = RecordKey(.roleGrant, grant.id)
            _ = try await Self.take(subject, RoleChange(.granted, grant))
            try await subject.take(
                [RecordState(key: RecordKey(.roleGrant, "held"), owner: "teacher", body: grant.json.canonicalData)],
                source: "unikum")
            let entries = try await subject.store.next(limit: 9)
            try await subject.store.published(entries.map(\.position))
            for system in ["unikum", "vega"] {
                try await subject.store.redeliver([key, RecordKey(.roleGrant, "held")], to: system, reason: "replay")
                let sent = try await subject.store.next(limit: 9).map(\.routingKey)
                #expect(sent == ["deliver.unikum"])
                try await #expect(
                    subject.store.resendable(.roleGrant, to: system, everything: true, after: nil, limit: 9)
                        == (system == "unikum" ? [key] : []))
                try await #expect(subject.store.lag(of: system, entities: [.roleGrant]) == (system == "unikum" ? 1 : 0))
            }
        },
        .init("what the hub decided and what a system says are told apart") { subject in
            for role in ["personal", "pedagog"] { _ = try await Self.take(subject, RoleChange(.granted, Self.grant("a", role))) }
            _ = try await Self.take(subject, RoleChange(.granted, Self.grant(system: "vega")))
            try await subject.take(
                ["x", "y", "z"].map {
                    RecordState(key: RecordKey(.roleGrant, $0), owner: "a", body: Self.grant().json.canonicalData)
                }, source: "unikum")
            try await #expect(subject.store.roles(in: "unikum", side: .decided).count == 2)
            try await #expect(subject.store.roles(in: "unikum", side: .held).map(\.key.id) == ["x", "y", "z"])
            try await #expect(subject.store.roles(in: "unikum", side: .held, after: "x", limit: 1).map(\.key.id) == ["y"])
            try await #expect(subject.store.roles(in: "vega", side: .held).isEmpty)
        },
        .init("a role never becomes another system's, and another source's record is no grant") { subject in
            var grant = Self.grant()
            _ = try await Self.take(subject, RoleChange(.granted, grant))
            grant.system = "vega"
            try await #expect(Self.take(subject, RoleChange(.granted, grant)).map(\.outcome) == [.moved])
            try await subject.take(
                [RecordState(key: RecordKey(.roleGrant, "held"), owner: "a", body: Self.grant().json.canonicalData)],
                source: "unikum")
            grant.id = "held"
            try await #expect(Self.take(subject, RoleChange(.revoked, grant)).map(\.outcome) == [.moved])
        },
        .init("somebody becomes protected: the system is told to take the role away, and not whose it was") { subject in
            let grant = Self.grant()
            let key = RecordKey(.roleGrant, grant.id)
            _ = try await Self.take(subject, RoleChange(.granted, grant))
            _ = try await subject.store.take(
                [RecordState(key: key, owner: nil, body: nil)], withheld: [], failures: [], source: RoleGrant.source,
                time: StoreUnderTest.later)
            let entry = try #require(try await subject.store.next(limit: 9).first)
            #expect(entry.exchange == "knutpunkt.roles" && entry.routingKey == "role.revoked.unikum")
            #expect(!String(decoding: entry.change.body, as: UTF8.self).contains("teacher"))
        },
        .init("a grant that names nobody isn't taken") { subject in
            var grant = Self.grant()
            grant.person.id = ""
            await #expect(throws: RecordError.self) { try await Self.take(subject, RoleChange(.granted, grant)) }
            try await #expect(subject.store.backlog() == 0)
        },
    ]
}
