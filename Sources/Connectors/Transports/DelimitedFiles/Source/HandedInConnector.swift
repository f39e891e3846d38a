import ConnectorKit
import Foundation
import SchoolRecords

/// A source whose records come by the hub's intake, as SS 12000 JSON or as the delimited text that its settings describe.
///
/// ```yaml
/// connector: handed_in
/// direction: source
/// files:                    # what CSV of each entity looks like; left out: JSON alone
///   - entity: person
///     columns: [elev, fornamn, efternamn, skola]
///     key: [elev]
/// ```
///
/// A file has `entity`, `columns`, `delimiter`, `encoding`, `header`, `quotes`, `key`, `key_form`, `deleted` and `dates` as those of
/// `delimited_files` do. Whether it is all that there is says who hands it in.
struct HandedInConnector: HandedInSource {
    let system: String
    let entities: [Entity]

    /// - Throws: ``SettingsError`` with every problem at once.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        self.system = system
        self.entities = Set(try DelimitedSourceSettings.handedIn(system: system, settings: settings).map(\.entity)).sorted()
    }

    func read(
        _ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void
    ) async throws { throw self.notRead }

    func read(_ key: RecordKey) async throws -> SourceRecord? { throw self.notRead }

    func deletions(after instant: Date) async throws -> [RecordKey] { throw self.notRead }

    func probe() async throws {}

    private var notRead: ConnectorFailure {
        ConnectorFailure(
            .misconfigured, code: .entityNotSet,
            message: "\(self.system) isn't read: its records are handed in. See: knutpunkt intake upload --help")
    }
}
