public import ConnectorKit
import Crypto
import Foundation
public import Logging
public import SchoolRecords

/// Writes sets of files for Microsoft's School Data Sync, which takes each as the whole truth: whoever isn't in it is made inactive there.
///
/// So a set is whole or isn't there: it is made when nothing is on its way, and is a folder of its own that gets its name when all files are on
/// the disk. What School Data Sync would drop is a failed message; what refers to something that isn't there waits with it. When more than a
/// share of a file would wait, or one without which no set can be used would be empty, no set is made and the one before stays. A program of the municipality's own carries the latest set, now and then.
public actor SDSConnector: ReadableTarget, CarriedTarget {
    public nonisolated let system: String
    private let settings: SDSSettings
    private let files: any ReadableFileSystem
    private let clock: ConnectorClock
    private let logger: Logger
    private let stateFolder: DropFolder
    private var state: SDSState?

    public nonisolated let batchSize: Int

    /// All: what isn't in a set is gone.
    public nonisolated let removableKinds: Set<String>

    /// A set is everything anew: fewer of them are better.
    public nonisolated let linger = Duration.seconds(2)

    private static let stateFile = "given.json"
    private static let carriedFile = "carried.json"
    private static let latestFile = "latest"
    private static let setPrefix = "set-"
    private static let manifestFile = "set.json"
    /// So few rows that a share of them says nothing.
    private static let few = 20

    /// Makes a connector from a system's settings (``SDSSettings``); nothing is touched yet.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(system: String, settings: JSONValue, logger: Logger) throws(SettingsError) -> SDSConnector {
        try self.make(system: system, settings: settings, files: LocalFileSystem(), clock: .system, logger: logger)
    }

    /// Makes a connector on a file system and a clock of its own.
    package static func make(
        system: String, settings: JSONValue, files: any ReadableFileSystem, clock: ConnectorClock, logger: Logger
    ) throws(SettingsError) -> SDSConnector {
        SDSConnector(
            system: system, settings: try SDSSettings(system: system, settings: settings), files: files, clock: clock,
            logger: logger)
    }

    private init(
        system: String, settings: SDSSettings, files: any ReadableFileSystem, clock: ConnectorClock, logger: Logger
    ) {
        self.system = system
        self.settings = settings
        self.files = files
        self.clock = clock
        self.logger = logger
        self.batchSize = settings.batchSize
        self.removableKinds = Set(SDSTable.allCases.map(\.kind))
        self.stateFolder = DropFolder(
            system: system, path: settings.stateFolder, mostWaitingBatches: .max, files: files, batch: { _ in nil })
    }

    /// Takes a batch in; ``prepare()`` makes a set of it.
    ///
    /// - Returns: the records with a row that School Data Sync would drop.
    /// - Throws: ``ConnectorFailure``: `systemUnavailable` when a folder is missing, full or not writable; `misconfigured` when
    ///   what was given so far can't be read.
    public func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        let before = try await self.given()
        var after = before
        let rejected = after.take(batch, self.settings)
        guard after != before else { return rejected }
        after.batch = batch.id
        try await self.store(after, batch: batch.id)
        self.state = after
        return rejected
    }

    /// Makes a set of everything that was given, if it hangs together and differs from the one before, or another school year has begun.
    public func prepare() async throws {
        let before = try await self.given()
        let (whole, leftOut) = before.given.whole()
        let year = SDSYear(on: self.today)
        guard whole != before.shipped || year.first != before.year, self.isShippable(whole, before.given, leftOut) else { return }
        var after = before
        // The same again if the hub is killed now.
        let name = Self.setPrefix + (before.batch ?? "0") + (whole == before.shipped ? "-\(year.first)" : "")
        try await self.ship(whole, as: name, before: before.shipped, leftOut, year: year)
        after.shipped = whole
        after.latest = name
        after.year = year.first
        try await self.store(after, batch: name)
        self.state = after
    }

    public func probe() async throws {
        try await self.stateFolder.probe()
        try await self.sets().probe()
        let state = try await self.given()
        let (whole, leftOut) = state.given.whole()
        // Before anything was given there is nothing to complain of.
        guard state.given == SDSRows() || self.isShippable(whole, state.given, leftOut) else {
            throw ConnectorFailure(
                .misconfigured, code: .setIncomplete,
                message:
                    "no set is made for \(self.system), the latest one stays: \(Self.text(leftOut)). What refers to something that "
                    + "isn't there waits; see why it isn't (docs/systems/teams.md)")
        }
    }

    /// What the latest set has: School Data Sync itself answers nothing.
    public nonisolated var heldIsAsGiven: Bool { true }

    public func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        for (name, rows) in try await self.given().shipped.tables {
            guard let table = SDSTable(rawValue: name) else { continue }
            try await handle(rows.map { TargetRow(kind: table.kind, key: $0.key, fields: $0.value) })
        }
    }

    // MARK: Sets

    private func sets() -> DropFolder {
        DropFolder(
            system: self.system, path: self.settings.dropFolder, mostWaitingBatches: .max, files: self.files, batch: { _ in nil })
    }

    /// Whether so little waits for others that the rest can be the whole truth.
    private func isShippable(_ whole: SDSRows, _ given: SDSRows, _ leftOut: [SDSTable: [SDSRule: Int]]) -> Bool {
        SDSTable.allCases.allSatisfy { table in
            guard !table.isCore || !whole[table].isEmpty else { return false }
            // Whoever has no role at a school is no user there: that is no gap.
            let waiting = (leftOut[table] ?? [:]).filter { $0.key != .userWithoutRole }.values.reduce(0, +)
            let all = given[table].count
            if all < Self.few { return waiting < all || all == 0 || !table.isCore }
            return waiting * 100 <= all * self.settings.mostLeftOutPercent
        }
    }

    private func ship(
        _ rows: SDSRows, as name: String, before: SDSRows, _ leftOut: [SDSTable: [SDSRule: Int]], year: SDSYear
    ) async throws(ConnectorFailure) {
        let root = self.settings.dropFolder
        try await self.sets().probe()
        let present: [String]
        do {
            present = try self.files.names(in: root)
        } catch { throw self.unwritable(error) }
        if !present.contains(name) {
            let rendering = SDSRendering(format: self.settings.format, year: year)
            let files = rendering.files(rows)
            let counts = Dictionary(rendering.files(before).map { ($0.file.name, $0.rows) }) { first, _ in first }
            let manifest = SDSManifest(
                set: name, format: self.settings.format.rawValue,
                files: files.map { file, rows in
                    SDSManifest.File(
                        name: file.name, rows: rows, bytes: file.bytes.count,
                        digest: SHA256.hash(data: file.bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
                },
                before: before == SDSRows() ? [:] : counts,
                leftOut: Dictionary(
                    uniqueKeysWithValues: leftOut.map { table, rules in
                        (table.fileName, Dictionary(uniqueKeysWithValues: rules.map { ($0.rawValue, $1) }))
                    }))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let last = DroppedFile(name: Self.manifestFile, bytes: Array(try self.encoded(manifest, encoder)))
            let part = "\(root)/.\(name).part"
            do throws(FileError) {
                try self.files.makeFolder(part)
                for file in files.map(\.file) + [last] { try self.files.write(file.bytes, to: "\(part)/\(file.name)") }
                try self.files.synchronise(part)
                try self.files.rename(part, to: "\(root)/\(name)")
                try self.files.synchronise(root)
            } catch { throw self.unwritable(error) }
            if !leftOut.isEmpty {
                self.logger.warning(
                    "Rows wait for others before they are in a set",
                    metadata: ["system": "\(self.system)", "rows": "\(Self.text(leftOut))"])
            }
        }
        try await self.sets().put([DroppedFile(name: Self.latestFile, bytes: Array("\(name)\n".utf8))], batch: name)
        self.removeOld(present, but: name)
    }

    /// What can't be removed lies there; the next set tries again.
    private func removeOld(_ names: [String], but latest: String) {
        let sets = names.filter { $0.hasPrefix(Self.setPrefix) && $0 != latest }.sorted()
        let parts = names.filter { $0.hasPrefix("." + Self.setPrefix) && $0 != ".\(latest).part" }
        for name in parts + sets.dropLast(self.settings.keptSets - 1) {
            let folder = "\(self.settings.dropFolder)/\(name)"
            do throws(FileError) {
                for file in try self.files.names(in: folder) { try self.files.remove("\(folder)/\(file)") }
                try self.files.removeFolder(folder)
            } catch {
                self.logger.warning(
                    "An old set can't be removed",
                    metadata: ["system": "\(self.system)", "reason": "\(error.operation) \(error.errno)"])
            }
        }
    }

    private static func text(_ leftOut: [SDSTable: [SDSRule: Int]]) -> String {
        leftOut.sorted { $0.key.rawValue < $1.key.rawValue }.map { table, rules in
            "\(table.fileName) "
                + rules.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }.joined(
                    separator: ", ")
        }.joined(separator: "; ")
    }

    private func unwritable(_ error: any Error) -> ConnectorFailure {
        let errno = (error as? FileError)?.errno
        return ConnectorFailure(
            .systemUnavailable, code: errno == ENOSPC ? .diskFull : .dropFolderFailed,
            message: "a set can't be written in \(self.settings.dropFolder): check the rights on it, and the space", cause: error)
    }

    /// In Sweden.
    private var today: CalendarDate {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: self.clock.now())
        return CalendarDate(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1)
    }

    // MARK: What was given

    private func store(_ state: SDSState, batch id: String) async throws(ConnectorFailure) {
        let data = try self.encoded(state, JSONEncoder())
        try await self.stateFolder.put([DroppedFile(name: Self.stateFile, bytes: Array(data))], batch: id)
    }

    private func encoded(_ value: some Encodable, _ encoder: JSONEncoder) throws(ConnectorFailure) -> Data {
        do {
            return try encoder.encode(value)
        } catch {
            throw ConnectorFailure(
                .misconfigured, code: .stateUnwritable, message: "what \(self.system) was given can't be stored", cause: error)
        }
    }

    private func given() async throws(ConnectorFailure) -> SDSState {
        if let state { return state }
        try await self.stateFolder.probe()
        let state: SDSState
        do {
            state = try JSONDecoder().decode(
                SDSState.self, from: Data(try self.files.read("\(self.settings.stateFolder)/\(Self.stateFile)")))
        } catch let error as FileError where error.errno == ENOENT {
            // Sets of ours where nothing is known to have been given mean that what was given is lost.
            let names = (try? self.files.names(in: self.settings.dropFolder)) ?? []
            if names.contains(where: { $0.hasPrefix(Self.setPrefix) }) { throw self.lost(nil) }
            state = SDSState()
        } catch {
            throw self.lost(error)
        }
        self.state = state
        return state
    }

    private func lost(_ cause: (any Error)?) -> ConnectorFailure {
        ConnectorFailure(
            .misconfigured, code: .stateLost,
            message:
                "\(self.settings.stateFolder)/\(Self.stateFile) can't be read: without it a set would lack what was given before, and "
                + "School Data Sync make it inactive. Put back a copy, or empty both folders and have everything sent again",
            cause: cause)
    }

    // MARK: Carrying

    /// Which set was carried last, and when.
    private struct Carried: Codable {
        let set: String
        let time: Date
    }

    /// Has the latest set carried, when there is one that wasn't and enough time has gone by since the last.
    ///
    /// - Returns: whether one was carried.
    /// - Throws: ``ConnectorFailure`` when the program fails; it is tried again the next time.
    public func carry() async throws -> Bool {
        guard let upload = self.settings.upload, let latest = try await self.given().latest else { return false }
        let path = "\(self.settings.stateFolder)/\(Self.carriedFile)"
        let last = (try? self.files.read(path)).flatMap { try? JSONDecoder().decode(Carried.self, from: Data($0)) }
        let now = self.clock.now()
        if let last, last.set == latest || now.timeIntervalSince(last.time) < Double(upload.everyHours) * 3600 { return false }
        try await HookCommand(upload.command, timeout: upload.timeout, of: self.system)
            .run(with: ["\(self.settings.dropFolder)/\(latest)"], environment: ["KNUTPUNKT_SYSTEM": self.system])
        let data = try JSONEncoder().encode(Carried(set: latest, time: now))
        try await self.stateFolder.put([DroppedFile(name: Self.carriedFile, bytes: Array(data))], batch: latest)
        return true
    }
}
