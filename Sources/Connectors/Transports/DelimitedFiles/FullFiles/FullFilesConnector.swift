public import ConnectorKit
import Foundation
public import Logging
public import SchoolRecords

/// Writes records to a system that takes files of everything, such as Skola24's files of children by school: with each batch the
/// files that are another now are written anew and whole, in place of those before.
///
/// What was given so far is kept in a folder of its own. It is stored after the files, so a batch that broke off is written again
/// with the same outcome. Nothing in a message is a value of a person; file names hold the group's name.
public actor FullFilesConnector: ReadableTarget {
    public nonisolated let system: String
    private let settings: FullFilesSettings
    private let files: any ReadableFileSystem
    private let folder: DropFolder
    private let stateFolder: DropFolder
    private var state: FullFilesState?

    /// The most records in one batch, from the setting `batch_size`.
    public nonisolated let batchSize: Int

    /// All: what isn't in a file is gone.
    public nonisolated let removableKinds: Set<String>

    private static let stateFile = "given.json"

    /// Makes a connector from a system's settings; nothing is touched yet.
    ///
    /// The settings are `drop_folder`, `state_folder`, `batch_size` and `files`.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(system: String, settings: JSONValue, logger: Logger) throws(SettingsError) -> FullFilesConnector {
        try self.make(system: system, settings: settings, files: LocalFileSystem(), logger: logger)
    }

    /// Makes a connector on a file system of its own.
    package static func make(
        system: String, settings: JSONValue, files: any ReadableFileSystem, logger: Logger
    ) throws(SettingsError) -> FullFilesConnector {
        FullFilesConnector(
            system: system, settings: try FullFilesSettings(system: system, settings: settings), files: files, logger: logger)
    }

    private init(system: String, settings: FullFilesSettings, files: any ReadableFileSystem, logger: Logger) {
        self.system = system
        self.settings = settings
        self.files = files
        self.batchSize = settings.batchSize
        self.removableKinds = Set(settings.files.map(\.kind))
        func folder(_ path: String) -> DropFolder {
            DropFolder(system: system, path: path, mostWaitingBatches: .max, files: files, batch: { _ in nil })
        }
        self.folder = folder(settings.dropFolder)
        self.stateFolder = folder(settings.stateFolder)
    }

    /// Writes the files that a batch changes.
    ///
    /// - Returns: the records with a row that can't be expressed in the files; nothing of them is written.
    /// - Throws: ``ConnectorFailure``: `systemUnavailable` when a folder is missing, full or not writable; `misconfigured` when
    ///   what was given so far can't be read.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        let before = try await self.given()
        var after = before
        let (files, rejected) = after.take(batch, self.settings, system: self.system)
        try await self.folder.put(files, batch: batch.id)
        guard after != before else { return rejected }
        let data: Data
        do {
            data = try JSONEncoder().encode(after)
        } catch {
            throw ConnectorFailure(
                .misconfigured, code: .stateUnwritable, message: "what \(self.system) was given can't be stored", cause: error)
        }
        try await self.stateFolder.put([DroppedFile(name: Self.stateFile, bytes: Array(data))], batch: batch.id)
        self.state = after
        return rejected
    }

    public func probe() async throws {
        try await self.folder.probe()
        try await self.stateFolder.probe()
        _ = try await self.given()
    }

    /// Such a system answers nothing.
    public nonisolated var heldIsAsGiven: Bool { true }

    /// Gives what was written so far.
    public func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        for (kind, rows) in try await self.given().rows {
            try await handle(rows.map { TargetRow(kind: kind, key: $0.key, fields: $0.value) })
        }
    }

    private func given() async throws(ConnectorFailure) -> FullFilesState {
        if let state { return state }
        try await self.stateFolder.probe()
        let path = "\(self.settings.stateFolder)/\(Self.stateFile)"
        let state: FullFilesState
        do {
            state = try JSONDecoder().decode(FullFilesState.self, from: Data(try self.files.read(path)))
        } catch let error as FileError where error.errno == ENOENT {
            try await self.checkIsNew()
            state = FullFilesState()
        } catch let error as ConnectorFailure {
            throw error
        } catch {
            throw self.lost(error)
        }
        self.state = state
        return state
    }

    /// Files of ours where nothing is known to have been given mean that what was given is lost.
    private func checkIsNew() async throws(ConnectorFailure) {
        try await self.folder.probe()
        guard let names = try? self.files.names(in: self.settings.dropFolder), names.contains(where: self.settings.isOurs) else {
            return
        }
        throw self.lost(nil)
    }

    private func lost(_ cause: (any Error)?) -> ConnectorFailure {
        ConnectorFailure(
            .misconfigured, code: .stateLost,
            message: "\(self.settings.stateFolder)/\(Self.stateFile) can't be read: without it files would lack what was given "
                + "before, and the system remove it. Put back a copy, or empty both folders and have everything sent again",
            cause: cause)
    }
}
