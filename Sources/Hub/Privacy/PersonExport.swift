import Foundation
import SchoolRecords

/// Everything that the hub holds about one person.
public struct PersonExport: Sendable, Hashable {
    /// The id in the source.
    public let person: String
    /// The id under which the audit log and everything outside the vault knows a protected person.
    public let opaque: String
    public let isProtected: Bool
    /// RFC 3339 in UTC.
    public let time: String
    public let items: [HeldItem]
    /// The systems that have something, with how many rows of each kind.
    public let departed: [DepartedData]
}

/// Puts together what the hub holds about a person (GDPR, article 15).
public struct PersonExporter: Sendable {
    private let store: any HubStore
    private let key: HubKey
    private let clock: HubClock

    public init(store: any HubStore, key: HubKey, clock: HubClock = .system) {
        self.store = store
        self.key = key
        self.clock = clock
    }

    /// The id in the source, what the audit log calls the person, and whether the person is protected.
    public func names(of person: String) async throws -> (realID: String, opaque: String, isProtected: Bool) {
        let real = try await self.store.realKey(of: RecordKey(.person, person))?.id ?? person
        let opaque = self.key.opaqueKey(for: RecordKey(.person, real))
        return (real, opaque.id, try await !self.store.holds([opaque]).isEmpty)
    }

    /// - Returns: `nil` when the hub holds nothing about such a person.
    public func export(_ person: String) async throws -> PersonExport? {
        let (real, opaque, isProtected) = try await self.names(of: person)
        var keys = Set(try await self.store.records(about: real, entities: Set(Entity.allCases)).map(\.key))
        let held = try await self.store.vaultRecords()
        let subjects = VaultSubjects(held)
        for record in held where subjects.person(of: record) == real { keys.insert(record.key) }
        keys.insert(RecordKey(.person, real))
        let items = try await self.store.holdings(of: opaque, realID: real, keys: keys)
        // That somebody has asked is nothing about the person.
        guard items.contains(where: { $0.kind != "audit" }) else { return nil }
        return PersonExport(
            person: real, opaque: opaque, isProtected: isProtected, time: self.clock.timestamp, items: items,
            departed: try await self.store.departed(keys.union(keys.map(self.key.opaqueKey(for:)))))
    }
}
