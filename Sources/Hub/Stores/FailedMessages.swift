public import Foundation
public import SchoolRecords

/// A failure as it happens. `message` is safe: it names files, fields and codes, never a value of a person.
public struct NewFailure: Sendable, Hashable, Codable {
    public enum Stage: String, Sendable, Codable {
        /// Read from a source, or mapped to a record.
        case intake
        /// Mapped for, or written to, a receiving system.
        case delivery
        /// Decided by a flow, which is the `system` then.
        case flow
    }

    public let stage: Stage
    public let system: String
    /// `nil` when the message can't be read or the record has no id. For a protected person the opaque key.
    public let key: RecordKey?
    public let sequence: Int64?
    /// The failure's kind: `mapping`, `rejected`, `undecodable`, `broken-record`, `flow`.
    public let kind: String
    /// A stable word, e.g. `value-without-code`.
    public let code: String
    /// The field that it is about, if one.
    public let field: String?
    /// File and line of the rule that failed, e.g. `unikum/duty.yaml:14`.
    public let place: String?
    public let message: String
    /// The message as it was, kept sealed; `nil` for intake failures (the source has it), and once the record has been
    /// deleted or has gone to the vault.
    public let body: Data?
    /// What the mapping had made, of a message that a system refused. It isn't read back with the failure: see ``DeliveredForms``.
    public let form: DeliveredForm?

    public init(
        stage: Stage, system: String, key: RecordKey?, sequence: Int64?, kind: String, code: String, field: String?,
        place: String?, message: String, body: Data?, form: DeliveredForm? = nil
    ) {
        self.stage = stage
        self.system = system
        self.key = key
        self.sequence = sequence
        self.kind = kind
        self.code = code
        self.field = field
        self.place = place
        self.message = message
        self.body = body
        self.form = form
    }

    /// What makes two failures the same kind of failure: system, entity, kind, code and field.
    public var fingerprint: String {
        let parts = [self.system, self.key?.entity.rawValue ?? "-", self.kind, self.code, self.field ?? "-"]
        return String(StableHash.of(parts.joined(separator: "|")), radix: 16)
    }
}

/// A failure as it is kept.
public struct FailedMessage: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable, CaseIterable {
        case failed
        /// Sent again; the outcome is not known yet.
        case replaying
        case replayed
        /// A newer state of the record went through: nothing left to replay.
        case superseded
        /// Given up by a person, with a reason.
        case discarded
        /// Over for so long that its content was removed; system, entity, code, times and fingerprint are left.
        case archived

        /// Whether it needs nobody any more.
        public var isOver: Bool { self != .failed && self != .replaying }
    }

    public let id: Int64
    public let fingerprint: String
    public let state: State
    public let attempts: Int
    public let firstAt: String
    public let lastAt: String
    public let failure: NewFailure

    public init(
        id: Int64, fingerprint: String, state: State, attempts: Int, firstAt: String, lastAt: String, failure: NewFailure
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.state = state
        self.attempts = attempts
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.failure = failure
    }
}

/// Failures with one cause.
public struct FailureGroup: Sendable, Hashable, Codable {
    public let fingerprint: String
    public let system: String
    public let entity: Entity?
    public let kind: String
    public let code: String
    public let field: String?
    public let place: String?
    /// The latest failure's message.
    public let message: String
    public let count: Int
    public let firstAt: String
    public let lastAt: String

    public init(
        fingerprint: String, system: String, entity: Entity?, kind: String, code: String, field: String?, place: String?,
        message: String, count: Int, firstAt: String, lastAt: String
    ) {
        self.fingerprint = fingerprint
        self.system = system
        self.entity = entity
        self.kind = kind
        self.code = code
        self.field = field
        self.place = place
        self.message = message
        self.count = count
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}

/// Which failures are meant; empty = all.
public struct FailureFilter: Sendable, Hashable {
    public var ids: [Int64] = []
    public var fingerprint: String?
    public var system: String?
    public var entity: Entity?
    /// A record's id.
    public var record: String?
    /// The error's stable word, e.g. `value-without-code`.
    public var code: String?
    /// Failed last at or after this moment, and before that one, as RFC 3339 in UTC.
    public var since: String?
    public var until: String?
    /// Only failures that come after this one in the list's order: the next page.
    public var after: Int64?
    public var states: Set<FailedMessage.State> = [.failed]
    public var limit: Int?

    public init() {}

    /// Whether the list goes by the time of the last failure.
    public var isByTime: Bool { self.since != nil || self.until != nil }
}

/// The messages that need somebody.
///
/// One open failure a record, system and stage: failing again counts up `attempts`.
public protocol FailedMessages: Sendable {
    func groups(_ filter: FailureFilter) async throws -> [FailureGroup]

    /// In order of their numbers; where times are asked for, in order of the last failure and then the number.
    func list(_ filter: FailureFilter) async throws -> [FailedMessage]

    /// One failure with its message's body opened.
    func message(_ id: Int64) async throws -> FailedMessage?

    /// Sends failed messages again, in one transaction: delivery failures as the record's present state through the
    /// outbox (reason `replay`); intake failures are marked for the source to be asked again.
    ///
    /// - Returns: how many were set going; failures in another state than `failed` are left alone.
    func replay(_ ids: [Int64]) async throws -> Int

    /// Records of a source whose intake is to be tried again, and marked so by a replay.
    func intakeReplays(source: String) async throws -> [RecordKey]

    /// Records failures outside of a batch (e.g. an undecodable message).
    func record(_ failures: [NewFailure], time: String) async throws

    func counts() async throws -> [FailedMessage.State: Int]
}

/// What has been counted since the store was made.
public struct HubCounts: Sendable, Hashable, Codable {
    public var published = 0
    public var delivered = 0
    public var superseded = 0
    public var failed = 0
    public var replayed = 0
    public var batches = 0

    public init() {}
}

/// Reads the counters.
public protocol Counters: Sendable {
    func counts() async throws -> HubCounts

    /// Records of these entities whose present state has not been given to the system and that have no open failure
    /// for it, nor one of that state that was discarded: what is still under way. Live records and deletions of records that the system was given.
    func lag(of system: String, entities: Set<Entity>) async throws -> Int
}

/// Everything the hub keeps.
public typealias HubStore = Register & Staging & Vault & Outbox & Deliveries & FailedMessages & FailureHistory & FailureEdits
    & DeliveredForms & ReplayBatches & RuleReplays & AuditLog & Retention & PermissionBook & Counters & FlowMemory & HeldChanges
    & Journeys & RoleBook & RolePlans & RoleDecisions & RoleHistory & RowEvidence & ReconcileRuns & InteropBook
    & QualityRuns & ConsoleAccounts & ConsoleSessions & MachineTokens & KeptAnswers & ProvidedRecords & ProviderSubscriptions
    & ProtectedForms & ProtectionBook & SourceMarks & SealedContents & ErasureBook & PersonHoldings & Forgetting
