public import Foundation
public import SchoolRecords

/// Whose role in which system a change is about: who may have it, and what it must keep its order with.
///
/// A role that the hub grants is one system's business alone. Its messages go over an exchange of their own, under a routing key
/// that names the system, and to no queue but that system's.
public struct RoleAddress: Sendable, Hashable {
    /// The topic exchange of all role changes.
    public static let exchange = "knutpunkt.roles"

    /// The receiving system, e.g. `unikum`.
    public let system: String
    /// The person's id; the grant's own in the revocation of a role of somebody whose identity is protected by now.
    public let person: String

    public init(system: String, person: String) {
        self.system = system
        self.person = person
    }

    /// The address of a record of the hub's own grants.
    ///
    /// - Parameter body: the grant as JSON; of a revoked one too.
    /// - Returns: `nil` for any other record, and for a grant that names no system.
    public init?(of key: RecordKey, source: String, body: Data) {
        guard Self.isRole(key, source: source), let grant = try? JSONValue(parsing: body),
            let system = grant["system"]?.stringValue
        else { return nil }
        self.init(system: system, person: grant["person"]?["id"]?.stringValue ?? key.id)
    }

    /// Whether a record is one of the hub's own grants.
    public static func isRole(_ key: RecordKey, source: String) -> Bool {
        key.entity == .roleGrant && source == RoleGrant.source
    }

    /// All changes of one person's roles in one system keep their order: a revocation and the grant that takes its place are
    /// two records.
    public var partitionKey: String { "\(self.system)/\(self.person)" }

    /// `role.<granted|revoked>.<system>`, in lower case.
    public func routingKey(_ operation: RecordChange.Operation) -> String {
        "role.\(Self.word(operation)).\(self.system)".lowercased()
    }

    /// What a queue of a system binds.
    public static func pattern(of system: String) -> String { "role.*.\(system)".lowercased() }

    static func word(_ operation: RecordChange.Operation) -> String { operation == .upserted ? "granted" : "revoked" }

    static func operation(_ word: some StringProtocol) -> RecordChange.Operation? {
        switch word {
        case "granted": .upserted
        case "revoked": .deleted
        default: nil
        }
    }
}
