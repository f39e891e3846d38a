public import ConnectorKit
public import Foundation
public import Logging
public import SchoolRecords

/// Writes records to Unikum: two text files per batch in a folder that Unikum collects from, objects first, relations
/// after them.
///
/// A batch written again under its id gives the same files with the same bytes. A file is there whole or not at all, and
/// relations never before the objects they refer to. Nothing in a message is a value of a person.
public struct UnikumConnector: ReadableTarget {
    public let system: String
    private let settings: UnikumSettings
    private let folder: DropFolder
    private let held: UnikumHeldFiles?
    private let logger: Logger

    /// The most records in one batch, from the setting `batch_size`.
    public var batchSize: Int { self.settings.batchSize }

    /// The relation types; Unikum documents no removal of persons, classes and schools.
    public var removableKinds: Set<String> { self.settings.relationTypes }

    /// Makes a connector from a system's settings; nothing is touched yet.
    ///
    /// The settings are `drop_folder`, `batch_size`, `max_waiting_batches`, `objects` and `relations`.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> UnikumConnector {
        try self.make(system: system, settings: settings, files: LocalFileSystem(), logger: logger)
    }

    /// Makes a connector on a file system of its own.
    package static func make(
        system: String, settings: JSONValue, files: any FileSystem, logger: Logger
    ) throws(SettingsError) -> UnikumConnector {
        let settings = try UnikumSettings(system: system, settings: settings)
        return UnikumConnector(system: system, settings: settings, files: files, logger: logger)
    }

    private init(system: String, settings: UnikumSettings, files: any FileSystem, logger: Logger) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.settings = settings
        self.logger = logger
        self.held = settings.held.map { UnikumHeldFiles(system: system, settings: settings, held: $0) }
        self.folder = DropFolder(
            system: system, path: settings.dropFolder, mostWaitingBatches: settings.mostWaitingBatches, files: files,
            batch: settings.batch(ofFile:))
    }

    /// Writes a batch's files.
    ///
    /// - Returns: the records with a row that can't be expressed in the files (`not-encodable`, `unknown-field`,
    ///   `unknown-row-kind`, `required-field-missing`, `relation-end-missing`); nothing of them is written.
    /// - Throws: ``ConnectorFailure``: `systemUnavailable` with `drop-folder-missing`, `drop-folder-not-writable`,
    ///   `disk-full`, `not-collected` or `drop-folder-failed`; nothing of the batch counts then.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        guard FileNamePattern.isID(batch.id) else {
            throw ConnectorFailure(
                .misconfigured, code: .batchID,
                message: "a batch's id must be letters, digits and - alone, to stand in a file name")
        }
        let (files, rejected) = UnikumFiles(settings: self.settings).files(of: batch)
        try await self.folder.put(files, batch: batch.id)
        self.logger.debug(
            "Wrote a batch",
            metadata: ["batch": "\(batch.id)", "files": "\(files.count)", "rejected": "\(rejected.count)"])
        return rejected
    }

    public func probe() async throws { try await self.folder.probe() }

    // MARK: Reading back

    /// Whether somebody leaves exports: Unikum documents none.
    public var canReadHeld: Bool { self.held != nil }

    public var tellsAtOnce: Bool { false }

    /// When the older of the two newest exports was written.
    public func heldAsOf() async throws -> Date? { try await self.held?.written() }

    /// Reads the newest exports.
    ///
    /// - Throws: ``ConnectorFailure``: `no-file-yet` when there are none, `taken-file-unreadable` or another word for what is wrong
    ///   with one.
    public func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        try await self.held?.read(handle)
    }

    /// Holds nothing open; for symmetry with sources.
    public func shutdown() async {}
}
