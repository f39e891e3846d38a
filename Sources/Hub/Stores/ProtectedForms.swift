public import Foundation
public import Mapping
public import Messaging
public import SchoolRecords

/// How much of a protected person a form shows.
public enum ProtectedFormKind: String, Sendable, Hashable {
    /// It was taken back.
    case withhold
    case masked, fictitious, cleared
}

/// What one system is given in the place of a record of a protected person, or of a record about such a person.
public struct ProtectedForm: Sendable, Hashable {
    /// The opaque key.
    public let key: RecordKey
    public let system: String
    /// The system that the record comes from.
    public let source: String
    /// Grows by one with every change of what this system is given.
    public let sequence: Int64
    /// `deleted` when the system may have nothing any more.
    public let operation: RecordChange.Operation
    public let form: ProtectedFormKind
    /// Whether the person stands in lists of classes and groups there.
    public let classLists: Bool
    /// SS 12000 JSON under the opaque id; of a deleted one an object with the id alone.
    public let body: Data
    /// RFC 3339 in UTC.
    public let time: String

    public init(
        key: RecordKey, system: String, source: String, sequence: Int64, operation: RecordChange.Operation,
        form: ProtectedFormKind, classLists: Bool, body: Data, time: String
    ) {
        self.key = key
        self.system = system
        self.source = source
        self.sequence = sequence
        self.operation = operation
        self.form = form
        self.classLists = classLists
        self.body = body
        self.time = time
    }

    public var isLive: Bool { self.operation == .upserted }
}

/// What a system should be given in the place of a protected record.
public struct WantedForm: Sendable, Hashable {
    /// The opaque key.
    public let key: RecordKey
    public let source: String
    public let form: ProtectedFormKind
    public let classLists: Bool
    public let body: Data

    public init(key: RecordKey, source: String, form: ProtectedFormKind, classLists: Bool, body: Data) {
        self.key = key
        self.source = source
        self.form = form
        self.classLists = classLists
        self.body = body
    }
}

/// A record as the vault has it.
public struct VaultRecord: Sendable, Hashable {
    public let opaqueKey: RecordKey
    /// The key in the source.
    public let key: RecordKey
    public let source: String
    /// SS 12000 JSON with the real data.
    public let body: Data

    public init(opaqueKey: RecordKey, key: RecordKey, source: String, body: Data) {
        self.opaqueKey = opaqueKey
        self.key = key
        self.source = source
        self.body = body
    }
}

/// What each system is given of what the vault holds: part of the vault, sealed like it.
public protocol ProtectedForms: Sendable {
    /// Everything that is withheld, opened. Whoever reads it keeps nothing of it.
    func vaultRecords() async throws -> [VaultRecord]

    /// What the system is given of these (opaque) keys, or was: deleted ones included; keys of which it was never given anything
    /// are left out.
    func forms(of keys: Set<RecordKey>, for system: String) async throws -> [RecordKey: ProtectedForm]

    /// All that the system is given of protected persons now, in the order of the keys.
    func livingForms(for system: String) async throws -> [ProtectedForm]

    /// The systems that are given something of protected persons, or were.
    func systemsWithForms() async throws -> Set<String>

    /// Makes what the system is given what is wanted, in one transaction: what differs gets the next sequence and stands in the
    /// outbox for that system alone, and what isn't wanted any more becomes a deletion there. Records of other persons that refer
    /// to what changed are sent to the system again.
    ///
    /// - Parameter time: RFC 3339 in UTC.
    /// - Returns: how many changed.
    func keepForms(_ wanted: [WantedForm], for system: String, time: String) async throws -> Int

    /// The key by which a record is known outside of the vault when its person is protected (``HubKey/opaqueKey(for:)``).
    func opaqueKey(of key: RecordKey) -> RecordKey

    /// The sequences that the register has of these records now; those never seen are left out.
    func registerSequences(of keys: Set<RecordKey>) async throws -> [RecordKey: Int64]

    /// What was kept of records beside the register is forgotten: bodies and forms of failed messages, corrections, samples. What
    /// a reading has set aside stays.
    func forgetTraces(of keys: Set<RecordKey>) async throws
}

/// The hub's own word that somebody is protected.
public struct HubMark: Sendable, Hashable, Codable {
    /// The opaque id.
    public let person: String
    public let level: ProtectionLevel
    /// The level as a word.
    public var levelName: String { self.level.rawValue }
    public let by: String
    public let reason: String
    /// RFC 3339 in UTC.
    public let time: String

    public init(person: String, level: ProtectionLevel, by: String, reason: String, time: String) {
        self.person = person
        self.level = level
        self.by = by
        self.reason = reason
        self.time = time
    }
}

/// Whether a person, or whoever decides for a child, has consented to a fictitious identity.
public struct IdentityConsent: Sendable, Hashable, Codable {
    /// The opaque id.
    public let person: String
    public let isGiven: Bool
    public let by: String
    public let reason: String
    /// RFC 3339 in UTC.
    public let time: String

    public init(person: String, isGiven: Bool, by: String, reason: String, time: String) {
        self.person = person
        self.isGiven = isGiven
        self.by = by
        self.reason = reason
        self.time = time
    }
}

/// A guardian who must not be told of a child: no receiver gets the relation.
public struct RelationBlock: Sendable, Hashable, Codable {
    /// Opaque ids.
    public let child: String
    public let guardian: String

    public init(child: String, guardian: String) {
        self.child = child
        self.guardian = guardian
    }
}

/// What was given to a system of somebody, before protection took it back.
public struct DepartedData: Sendable, Hashable, Codable {
    public let system: String
    /// Rows by their kind.
    public let rows: [String: Int]

    public init(system: String, rows: [String: Int]) {
        self.system = system
        self.rows = rows
    }
}

/// What people have decided about protected persons. Every decision is written to the audit log in its transaction, under the
/// opaque id.
public protocol ProtectionBook: Sendable {
    /// By opaque id.
    func hubMarks() async throws -> [String: HubMark]

    func mark(_ mark: HubMark) async throws

    /// - Returns: whether there was a mark.
    func unmark(_ person: String, by: String, reason: String, time: String) async throws -> Bool

    /// By opaque id: the latest word of each.
    func identityConsents() async throws -> [String: IdentityConsent]

    func record(_ consent: IdentityConsent) async throws

    /// By opaque id.
    func fictitiousIdentities() async throws -> [String: FictitiousIdentity]

    /// Keeps a fictitious identity for ever.
    ///
    /// - Returns: `false` when its number is somebody else's already; nothing is kept then.
    func keep(_ identity: FictitiousIdentity) async throws -> Bool

    func relationBlocks() async throws -> Set<RelationBlock>

    func block(_ relation: RelationBlock, by: String, reason: String, time: String) async throws

    /// - Returns: whether there was such a block.
    func unblock(_ relation: RelationBlock, by: String, reason: String, time: String) async throws -> Bool

    /// The opaque ids of those whom others' records name as guardians.
    func protectedGuardians() async throws -> Set<String>

    /// What systems have of these records now, as far as they were told.
    func departed(_ keys: Set<RecordKey>) async throws -> [DepartedData]

    /// Keeps what had left when somebody became protected.
    func keepRecall(of person: String, _ departed: [DepartedData], time: String) async throws

    /// What had left, the latest for each person: opaque id, when, and what.
    func recalls() async throws -> [(person: String, time: String, departed: [DepartedData])]
}
