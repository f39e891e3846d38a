public import SchoolRecords

/// What became of a ``RoleChange`` when it was handed in.
public struct RoleTaking: Sendable, Hashable {
    public enum Outcome: String, Sendable, Codable {
        /// The register has it, and it stands in the outbox.
        case taken
        /// The register had it already, e.g. from a run that was interrupted.
        case unchanged
        /// The grant has been changed by somebody else since it was looked at.
        case moved
        /// Not taken, because another one of the same call has moved.
        case stopped
    }

    public let key: RecordKey
    /// The receiving system.
    public let system: String
    public let operation: RoleChange.Operation
    /// The record's sequence with the change; of one that has moved, the present one.
    public let sequence: Int64
    public let outcome: Outcome

    public init(key: RecordKey, system: String, operation: RoleChange.Operation, sequence: Int64, outcome: Outcome) {
        self.key = key
        self.system = system
        self.operation = operation
        self.sequence = sequence
        self.outcome = outcome
    }
}

/// The roles of the register: those that the hub decides, and those that systems say they hold.
public protocol RoleBook: Sendable {
    /// Takes role changes of the hub's own in one transaction: all of them, or none when one has moved. Each one that is taken gets
    /// the next sequence and stands in the outbox for ``RoleAddress/exchange`` (invariant 1).
    ///
    /// - Parameters:
    ///   - counting: under whose eyes: what a person has approved isn't held again at the receiving system.
    ///   - time: RFC 3339 in UTC.
    /// - Returns: one for each change, in the same order.
    /// - Throws: `RecordError` for a grant that isn't one.
    func take(_ changes: [RoleChange], counting: TakeCounting, time: String) async throws -> [RoleTaking]

    /// The live roles of one system in the order of their ids, after `id`, at most `limit`.
    ///
    /// - Parameter side: whose word: what the hub decided, or what the system says that it holds.
    func roles(in system: String, side: RoleSide, after id: String?, limit: Int) async throws -> [RegisteredRecord]

    /// The sequences of the hub's own grants, live and revoked ones; those never taken are left out.
    func roleSequences(_ ids: Set<String>) async throws -> [String: Int64]
}

/// Whose word about roles.
public enum RoleSide: Sendable, Hashable {
    /// What the hub decided that the system shall hold.
    case decided
    /// What the system said that it holds when it was last read.
    case held
}

extension RoleBook {
    /// All live roles of one system.
    public func roles(in system: String, side: RoleSide) async throws -> [RegisteredRecord] {
        var all: [RegisteredRecord] = []
        while true {
            let page = try await self.roles(in: system, side: side, after: all.last?.key.id, limit: 1000)
            guard !page.isEmpty else { return all }
            all += page
        }
    }
}
