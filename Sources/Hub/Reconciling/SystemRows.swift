import ConnectorKit
import Foundation
import Mapping
import Reconciliation
import SchoolRecords

/// What kinds of rows a system has, and what becomes of them.
struct RowKinds: Sendable {
    /// Kinds that mappings make: others aren't looked at.
    let made: Set<String>
    /// Kinds that only roles are.
    let roles: Set<String>
    /// Kinds of what the system makes itself too, and the hub reads from it: what isn't the hub's is the system's own.
    let shared: Set<String>
    /// Kinds of what people and places are: by their keys a row is known for what it is about.
    let objects: Set<String>

    init(_ system: String, _ mappings: MappingSet) {
        var made: Set<String> = []
        var shared: Set<String> = []
        var others: Set<String> = []
        var roles: Set<String> = []
        var objects: Set<String> = []
        for entity in mappings.outboundEntities(system: system) {
            guard let mapping = mappings.outbound(system: system, entity: entity) else { continue }
            made.formUnion(mapping.kinds)
            if entity == .roleGrant { roles.formUnion(mapping.kinds) } else { others.formUnion(mapping.kinds) }
            if [.person, .organisation, .group, .placement].contains(entity) { objects.formUnion(mapping.kinds) }
            if entity != .roleGrant, mappings.inbound(system: system, entity: entity) != nil {
                shared.formUnion(mapping.kinds)
            }
        }
        self.made = made
        self.roles = roles.subtracting(others)
        self.shared = shared
        self.objects = objects
    }
}

/// The rows of one system on both sides, sorted as they come.
actor SystemRows {
    let system: String
    let settings: ReconcileSettings
    let kinds: RowKinds
    private var expected: RowSorter
    private var held: RowSorter
    private var named: RowSorter
    private let key: HubKey
    /// What the system holds, in short.
    private(set) var digest = HeldDigest()
    /// Rows held, by kind.
    private(set) var heldKinds: [String: Int] = [:]

    init(system: String, settings: ReconcileSettings, kinds: RowKinds, key: HubKey, memory: Int, directory: String) {
        self.system = system
        self.key = key
        self.settings = settings
        self.kinds = kinds
        self.expected = RowSorter(memory: memory, directory: directory)
        self.held = RowSorter(memory: memory, directory: directory)
        self.named = RowSorter(memory: memory, directory: directory)
    }

    func addExpected(_ rows: PackedRows) throws { try self.expected.append(rows) }

    func addHeld(_ rows: [TargetRow]) throws {
        var packed = PackedRows()
        var named = PackedRows()
        // A probe sees to its own rows.
        for row in rows where self.kinds.made.contains(row.kind) && !ProbeRecords.hasKey(row.key) {
            packed.append(kind: row.kind, key: row.key, fields: row.fields)
            self.heldKinds[row.kind, default: 0] += 1
            self.settings.references.collect(row.kind, row.key, row.fields, into: &named)
        }
        packed.forEach { self.digest.add($0.digest, inBucket: self.key.rowBucket(kind: $0.kind, key: $0.key)) }
        try self.held.append(packed)
        if named.count > 0 { try self.named.append(named) }
    }

    /// How many rows of the system have been read.
    var heldCount: Int { self.held.count }

    /// Both sides, in order.
    func sides() throws -> (expected: SortedRows, held: SortedRows) {
        (try self.expected.sorted(), try self.held.sorted())
    }

    /// What the system should hold, in order, once more.
    func expectedAgain() throws -> SortedRows { try self.expected.sorted() }

    /// Rows that name what the system doesn't hold, and what that is.
    func broken() throws -> [RowIdentity: RowIdentity] {
        var broken: [RowIdentity: RowIdentity] = [:]
        guard self.named.count > 0 else { return broken }
        var named = try self.named.sorted()
        var held = try self.held.sorted()
        try RowReferences.broken(named: &named, held: &held) { row in
            guard let naming = RowReferences.naming(row.giver) else { return }
            broken[RowIdentity(kind: naming.kind, key: naming.key)] = RowIdentity(kind: row.kind, key: row.key)
        }
        return broken
    }
}
