import ConnectorKit
import SchoolRecords

/// The keys of what a system says of itself: which roles and accounts it holds.
///
/// Records have one id in all systems (SS 12000), but what a system has by itself is named by that system alone: a head's role at a
/// school can have the same name, and so the same address, in two of them. In the register such an id has the system before it.
struct SystemNames {
    private static let entities: Set<Entity> = [.roleGrant, .accountStatus]

    let system: String

    /// The key in the register of what the system calls so.
    func registered(_ key: RecordKey) -> RecordKey {
        Self.entities.contains(key.entity) ? RecordKey(key.entity, self.prefix + key.id) : key
    }

    /// What the system calls it.
    func own(_ key: RecordKey) -> RecordKey {
        guard Self.entities.contains(key.entity), key.id.hasPrefix(self.prefix) else { return key }
        return RecordKey(key.entity, String(key.id.dropFirst(self.prefix.count)))
    }

    /// A page with the register's keys; documents are as the system has them.
    func registered(_ page: SourcePage) -> SourcePage {
        SourcePage(
            records: page.records.map { SourceRecord(key: self.registered($0.key), document: $0.document) },
            broken: page.broken.map { BrokenRecord(key: $0.key.map(self.registered), failure: $0.failure) })
    }

    /// A record made of a document, under the register's key.
    func registered(_ body: JSONValue, _ key: RecordKey) -> JSONValue {
        guard Self.entities.contains(key.entity), case .object(var fields) = body else { return body }
        fields.updateValue(.string(key.id), forKey: "id")
        return .object(fields)
    }

    private var prefix: String { "\(self.system):" }
}
