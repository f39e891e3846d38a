import Foundation
import Mapping
import Messaging
public import SchoolRecords

/// Takes the probe's records out of the register, and with that out of every system that has them: after a run, and after one that
/// was cut off. The ids are always the same, so nothing has to be remembered for it.
public struct ProbeCleaner: Sendable {
    private let store: any HubStore
    private let mappings: MappingBook
    private let clock: HubClock

    public init(store: any HubStore, mappings: MappingBook, clock: HubClock = .system) {
        self.store = store
        self.mappings = mappings
        self.clock = clock
    }

    /// The probe's records that live in the register.
    public func leftovers() async throws -> [RegisteredRecord] {
        let keys = ProbeRecords.Name.allCases.filter { $0 != .role }.map(\.key)
        let records = try await self.store.records(keys).values.filter {
            $0.operation == .upserted && $0.source == ProbeRecords.source
        }
        return records.sorted { $0.key < $1.key } + (try await self.roles())
    }

    /// Roles that the probe gave to its staff, in whichever system.
    private func roles() async throws -> [RegisteredRecord] {
        let set = self.mappings.set
        var systems = Set(set.systems.keys.filter { set.outbound(system: $0, entity: .roleGrant) != nil })
        systems.formUnion(try await self.store.lastProbeRun()?.scope.keys.map { $0 } ?? [])
        var roles: [RegisteredRecord] = []
        for system in systems.sorted() {
            roles += try await self.store.roles(in: system, side: .decided).filter { record in
                let grant = try? JSONValue(parsing: record.body)
                return grant?["person"]?["id"]?.stringValue == ProbeRecords.Name.staff.id
            }
        }
        return roles
    }

    /// Deletes what lives. A running hub takes it away from the systems.
    ///
    /// - Returns: the records that there were, with the sequences of their deletion.
    @discardableResult
    public func clean() async throws -> [RecordKey: Int64] {
        let left = try await self.leftovers()
        guard !left.isEmpty else { return [:] }
        let roles = left.filter { $0.key.entity == .roleGrant }.compactMap { record in
            (try? JSONValue(parsing: record.body)).flatMap { try? RoleGrant(json: $0) }
        }
        if !roles.isEmpty {
            _ = try await self.store.take(
                roles.map { RoleChange(.revoked, $0) }, counting: .seen, time: self.clock.timestamp)
        }
        let others = left.filter { $0.key.entity != .roleGrant }
        if !others.isEmpty {
            // What refers to others goes before them.
            let states = others.reversed().map { RecordState(key: $0.key, owner: nil, body: nil) }
            _ = try await self.store.take(
                states, withheld: [], failures: [], source: ProbeRecords.source, counting: .seen, time: self.clock.timestamp)
        }
        return try await self.store.records(left.map(\.key)).mapValues(\.sequence)
    }
}
