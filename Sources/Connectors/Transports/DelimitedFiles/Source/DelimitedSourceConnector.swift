public import ConnectorKit
public import Foundation
public import Logging
public import SchoolRecords

/// Reads records from delimited files that a system leaves in a folder. Which files, columns and keys is settings alone, see
/// ``make(system:settings:logger:)``.
///
/// Only whole files are read, each once; then it lies in `done/` or `rejected/` with a report beside it. A record's document
/// holds the row's columns by their names as texts (dates in the standard's form), `id`, and `meta` with when the hub first
/// had the record and last had it change. Nothing in a message, a report or a log line is a value of a row.
public final class DelimitedSourceConnector: SourceConnector {
    public let system: String
    public let entities: [Entity]
    private let settings: DelimitedSourceSettings
    private let inbox: FileInbox

    private init(system: String, settings: DelimitedSourceSettings, inbox: FileInbox) {
        self.system = system
        self.entities = settings.entities
        self.settings = settings
        self.inbox = inbox
    }

    /// Makes a connector from a system's settings; nothing is touched yet.
    ///
    /// The settings are `drop_folder`, `whole_when`, `keep_days`, `page_limit` and `files`.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> DelimitedSourceConnector {
        try self.make(system: system, settings: settings, files: LocalFileSystem(), clock: .system, logger: logger)
    }

    /// Makes a connector with a file system and a clock of its own.
    package static func make(
        system: String, settings: JSONValue, files: any ReadableFileSystem, clock: ConnectorClock, logger: Logger
    ) throws(SettingsError) -> DelimitedSourceConnector {
        let settings = try DelimitedSourceSettings(system: system, settings: settings)
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        let inbox = FileInbox(system: system, settings: settings, files: files, clock: clock, logger: logger)
        return DelimitedSourceConnector(system: system, settings: settings, inbox: inbox)
    }

    /// Takes in what has come, then gives what there is.
    ///
    /// - Throws: ``ConnectorFailure``: `systemUnavailable` with `drop-folder-missing`, `drop-folder-not-writable`, `disk-full`,
    ///   `drop-folder-failed`, or `no-file-yet`: an entity that nobody has sent a file of isn't an entity without records.
    public func read(
        _ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void
    ) async throws {
        let state = try await self.state(of: entity)
        var after = Date.distantPast
        if case .modifiedAfter(let instant) = scope { after = instant }
        let ids = state.order.filter { (state.held[$0]?.modified ?? .distantPast) > after }
        var broken = state.broken.filter { $0.at > after }.map { Self.broken($0.problem, entity) }
        var rest = ids[...]
        while !rest.isEmpty || !broken.isEmpty {
            try Task.checkCancellation()
            let records = rest.prefix(self.settings.pageLimit).compactMap { id in
                state.document(id).map { SourceRecord(key: RecordKey(entity, id), document: $0) }
            }
            rest = rest.dropFirst(self.settings.pageLimit)
            try await handle(SourcePage(records: records, broken: broken))
            broken = []
        }
        try Task.checkCancellation()
    }

    public func read(_ key: RecordKey) async throws -> SourceRecord? {
        let id = RecordKey.normalID(key.id)
        return try await self.state(of: key.entity).document(id).map {
            SourceRecord(key: RecordKey(key.entity, id), document: $0)
        }
    }

    public func deletions(after instant: Date) async throws -> [RecordKey] {
        let states = try await self.inbox.refreshed()
        return self.entities.flatMap { entity in
            (states[entity]?.deleted ?? []).filter { $0.at > instant }.map { RecordKey(entity, $0.id) }
        }
    }

    public func tellsAll(of entity: Entity) -> Bool { self.settings.tellsAll(of: entity) }

    public func told(of entity: Entity) async throws -> Date? { try await self.state(of: entity).told }

    public func rejectedInputs() async -> Int { self.inbox.rejectedCount }

    public func probe() async throws { _ = try await self.inbox.refreshed() }

    private func state(of entity: Entity) async throws -> DelimitedState {
        if let state = try await self.inbox.refreshed()[entity] { return state }
        // No notice is no news.
        guard self.settings.tellsAll(of: entity) else { return DelimitedState() }
        let names = self.settings.files.filter { $0.entity == entity }.map(\.name).joined(separator: " or ")
        throw ConnectorFailure(
            .systemUnavailable, code: .noFileYet,
            message:
                "no file \(names) of \(self.system) has come to \(self.settings.folder) and been taken; see its rejected/ for "
                + "reports, or have one sent")
    }

    private static func broken(_ problem: FileProblem, _ entity: Entity) -> BrokenRecord {
        let place = problem.line.map { "line \($0) of a file" } ?? "a file"
        return BrokenRecord(
            key: nil,
            failure: ConnectorFailure(
                .malformedReply, code: problem.code, message: "\(place) of kind \(entity.rawValue): \(problem.message)"))
    }
}
