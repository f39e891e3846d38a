import ConnectorKit
import Connectors
import Foundation
import Glibc
import Hub
import Logging
import Mapping
import RabbitMQBroker
import SchoolRecords
import ServiceLifecycle
public import StandIns

/// A hub in a process of its own between stand-ins of Edlevo, Unikum and, where they are asked for, other systems, in a
/// directory of its own: for the demo, and for tests that kill it.
public struct Rehearsal: Sendable {
    public struct Options: Sendable {
        public var scale: SyntheticMunicipality.Scale
        public var seed: UInt64
        /// Where everything is kept; made if it isn't there.
        public var directory: String
        /// The mappings that a copy is taken of.
        public var mappings: String
        /// The program, e.g. `.build/release/knutpunkt`.
        public var executable: String
        /// A broker to use; `nil` = the hub's own private node.
        public var brokerURL: String?
        /// Which systems there are beside Edlevo and Unikum; their stand-ins post notices of changes to the hub.
        public var others: Set<TwoWaySystem> = []
        /// Whether files for Skola24 are made, and imported there.
        public var hasSkola24Files = false
        /// Whether the municipality's activity responsibility collects its list of who has left upper-secondary school.
        public var hasBreakOffList = false
        /// Whether Skolon imports files of users, and exports what it has.
        public var hasSkolon = false
        /// Whether sets are made for Teams' School Data Sync.
        public var hasTeams = false
        /// Whether Skolverket's test service is given pupils, staff and groups.
        public var hasDNP = false
        /// Whether Unikum gets its roles by the role policy alone, and leaves files of the roles and accounts that it has.
        public var hasRoles = false
        /// Seconds between readings of changes of ``others``. With an hour, what arrives sooner came by a notice.
        public var othersEverySeconds = 1
        /// Seconds between readings of Edlevo's changes.
        public var edlevoEverySeconds = 1
        /// Whether Edlevo posts notices of changed persons, as SS 12000 has them.
        public var edlevoPostsNotices = false
        /// Whether the hub serves its console, at ``Rehearsal/consoleURL``.
        public var hasConsole = false
        /// Further systems of the hub's configuration: names and settings, lines of YAML without indentation.
        public var moreSystems = ""
        /// Further lines of the hub's configuration, YAML.
        public var settings = ""
        /// Officially published test numbers, 12 digits each.
        public var identityNumbers: [String] = []

        public init(scale: SyntheticMunicipality.Scale, seed: UInt64, directory: String, mappings: String, executable: String) {
            self.scale = scale
            self.seed = seed
            self.directory = directory
            self.mappings = mappings
            self.executable = executable
        }
    }

    public let options: Options
    public let municipality: SyntheticMunicipality
    public let edlevo: EdlevoStandIn
    public let unikum: UnikumStandIn
    /// The stand-ins of ``Options/others``.
    public let others: [TwoWaySystem: SS12000StandIn]
    /// What imports the files for Skola24; see ``Options/hasSkola24Files``.
    public let skola24Files: Skola24ImportStandIn?
    /// What collects the list of who has left upper-secondary school; see ``Options/hasBreakOffList``.
    public let breakOffList: ListCollector?
    /// What imports files of users; see ``Options/hasSkolon``.
    public let skolon: SkolonStandIn?
    /// Skolverket's test service; see ``Options/hasDNP``.
    public let dnp: DNPStandIn?
    /// What posts their notices.
    public let posters: [TwoWaySystem: NoticePoster]
    let hub: HubProcess
    /// The hub's data, opened beside the hub: for looking at and replaying, as the command line does.
    public let context: HubContext
    /// The copy of the mappings that the hub uses, free to be edited.
    public let mappingsDirectory: String
    let clock = HubClock.system

    /// Sets the scene for the duration of `body`; the hub isn't started yet. Everything is stopped at the end.
    ///
    /// - Throws: ``AppError``, `StandInError`.
    public static func with<Result: Sendable>(
        _ options: Options, _ body: @Sendable (Rehearsal) async throws -> Result
    ) async throws -> Result {
        let files = FileManager.default
        let directory = options.directory
        let drop = directory + "/unikum-drop"
        let mappings = directory + "/Mappings"
        do {
            for folder in [drop] + Self.folders.map({ "\(directory)/\($0)" }) {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch {
            throw AppError(.demo, "\(directory): can't be made. Check the path and the rights on it (--keep).", cause: error)
        }
        do {
            if !files.fileExists(atPath: mappings) { try files.copyItem(atPath: options.mappings, toPath: mappings) }
        } catch {
            throw AppError(
                .demo, "\(options.mappings): can't be copied to \(mappings). Check that all files in it may be read.",
                cause: error)
        }
        if options.edlevoPostsNotices { try Self.letEdlevoSubscribe(in: mappings) }
        let municipality = try SyntheticMunicipality(
            scale: options.scale, seed: options.seed, identityNumbers: options.identityNumbers,
            today: "\(HubClock.system.calendarDate)")
        var dialect = ServerDialect.edlevo
        dialect.hasSubscriptions = options.edlevoPostsNotices
        let edlevo = EdlevoStandIn(municipality: municipality, dialect: dialect)
        let edlevoPoster = options.edlevoPostsNotices ? NoticePoster(edlevo) : nil
        let unikum = UnikumStandIn(dropFolder: drop, archiveFolder: directory + "/unikum-archive")
        var others: [TwoWaySystem: SS12000StandIn] = [:]
        for system in options.others { others[system] = try SS12000StandIn(system, in: municipality) }
        let standIns = others
        let skola24Files = options.hasSkola24Files ? Skola24ImportStandIn(folder: directory + "/skola24-files") : nil
        let breakOffList = options.hasBreakOffList ? ListCollector(path: directory + "/kaa/avbrott.csv") : nil
        let skolon = options.hasSkolon ? SkolonStandIn(folder: directory + "/skolon") : nil
        let dnp = options.hasDNP ? DNPStandIn() : nil
        let collectors = [skola24Files as (any Service)?, breakOffList, skolon, dnp].compactMap { $0 }
        let posters = others.mapValues { NoticePoster($0) }
        return try await withEdlevoStandIn(edlevo) { edlevo in
            try await withUnikumStandIn(unikum) { unikum in
                try await Self.running(standIns, Array(posters.values) + [edlevoPoster].compactMap { $0 }, collectors) {
                    try await dnp?.waitUntilStarted()
                    let configurationPath = try await Self.writeConfiguration(
                        options, mappings: mappings, drop: drop, edlevo: edlevo, others: standIns, dnp: dnp)
                    let configuration = try await HubConfiguration.read(file: configurationPath, flags: [:], environment: [:])
                    let logger = Logger(label: "rehearsal") { _ in SwiftLogNoOpLogHandler() }
                    let hub = HubProcess(
                        executable: options.executable, arguments: ["serve", "--config", configurationPath],
                        logPath: directory + "/hub.log", environment: Self.environment)
                    let rehearsal = Rehearsal(
                        options: options, municipality: municipality, edlevo: edlevo, unikum: unikum, others: standIns,
                        skola24Files: skola24Files, breakOffList: breakOffList, skolon: skolon, dnp: dnp, posters: posters,
                        hub: hub,
                        context: try await HubContext.open(configuration, logger: logger), mappingsDirectory: mappings)
                    do {
                        let result = try await body(rehearsal)
                        await hub.stop()
                        return result
                    } catch {
                        await hub.stop()
                        throw error
                    }
                }
            }
        }
    }

    /// Folders through which systems are given files, and leave some.
    private static let folders = [
        "skola24-files", "skola24-given", "kaa", "kaa-given", "skolon", "skolon-given", "skolon-in", "unikum-in",
        "unikum-held", "teams", "teams-given",
    ]

    /// Runs the stand-ins of other systems for as long as `body` runs.
    private static func running<Result: Sendable>(
        _ standIns: [TwoWaySystem: SS12000StandIn], _ posters: [NoticePoster], _ collectors: [any Service],
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for standIn in standIns.values { group.addTask { try await standIn.run() } }
            for poster in posters { group.addTask { try await poster.run() } }
            for collector in collectors { group.addTask { try await collector.run() } }
            defer { group.cancelAll() }
            for standIn in standIns.values { try await standIn.waitUntilStarted() }
            return try await body()
        }
    }

    // MARK: The hub's life

    /// Starts the hub; returns at once.
    public func startHub() throws { try self.hub.start() }

    /// Returns when the hub runs.
    ///
    /// - Throws: ``AppError`` with the end of its log when it ended instead.
    public func waitUntilRunning(_ onSecond: (Int, String) -> Void = { _, _ in }) async throws {
        let started = self.clock.now()
        while true {
            let state = RunState.read(from: self.context.configuration.dataDirectory)
            if let state, state.pid == self.hub.processID, state.phase == .running { return }
            try self.requireHub()
            guard self.clock.now().timeIntervalSince(started) < 180 else {
                throw AppError(.demo, "The hub isn't running after 180 s. See \(self.options.directory)/hub.log.")
            }
            onSecond(Int(self.clock.now().timeIntervalSince(started)), state?.detail ?? "")
            try await self.clock.sleep(.milliseconds(100))
        }
    }

    /// `kill -9`: no chance to tidy up. Its broker runs on.
    public func killHub() async { await self.hub.kill() }

    /// `kill -9` of the hub's RabbitMQ node; the hub starts it again.
    ///
    /// - Throws: ``AppError`` when no node runs.
    public func killBroker() throws {
        guard let pid = PrivateNode.processID(in: self.context.configuration.nodeDirectory) else {
            throw AppError(.demo, "No RabbitMQ node runs in \(self.context.configuration.nodeDirectory).")
        }
        Glibc.kill(pid, SIGKILL)
    }

    /// Stops the hub as `TERM` does; returns its exit status.
    @discardableResult
    public func stopHub() async -> Int32 { await self.hub.stop() }

    /// Has Unikum leave exports of what it holds.
    ///
    /// - Parameter change: what goes wrong with a row on its way into them; `nil` leaves it out.
    public func exportUnikum(_ change: @escaping @Sendable (UnikumRow) -> UnikumRow? = { $0 }) async throws {
        try await self.unikum.exportHeld(to: self.options.directory + "/unikum-held", change)
    }

    public var peakMebibytes: Int { self.hub.peakMebibytes }

    /// Where the hub serves its console, see ``Options/hasConsole``.
    public var consoleURL: String? { self.context.configuration.console.listen.map { "http://\($0)" } }

    private func requireHub() throws {
        guard self.hub.isRunning else {
            throw AppError(
                .demo,
                "The hub ended unexpectedly. The end of its log (\(self.options.directory)/hub.log):\n\(self.hub.lastLines)")
        }
        self.hub.noteMemory()
    }

    // MARK: How far it is

    /// Seconds without a change after which what still waits is taken to wait for what has failed: longer than until the next try of
    /// what a system put off.
    private static let stillness = 75.0

    /// The same where no next try is planned and nothing is sent again: what waits then waits for another record, and all records
    /// have been read and delivered, or have failed.
    private static let shortStillness = 3.0

    /// Whether nothing has changed for long enough, see ``stillness``.
    private func isStill(_ status: HubStatus, since movedAt: Date) async throws -> Bool {
        let seconds = self.clock.now().timeIntervalSince(movedAt)
        if seconds > Self.stillness { return true }
        guard seconds > Self.shortStillness, (status.failed["replaying"] ?? 0) == 0 else { return false }
        return try await self.context.store.plannedRetries() == 0
    }

    /// Returns when the hub has read everything that the sources hold now, and every system has taken all of it.
    ///
    /// - Parameters:
    ///   - allowingFailures: whether messages may have failed, and others wait for them.
    ///   - progress: told how far it is, now and then.
    /// - Throws: ``AppError`` when the hub ended, or `seconds` passed without anything moving.
    public func settle(
        within seconds: Double = 120, allowingFailures: Bool = false, progress: (HubStatus) -> Void = { _ in }
    ) async throws {
        var last: HubStatus?
        var movedAt = self.clock.now()
        while true {
            try self.requireHub()
            let began = self.clock.now()
            let status = try await self.context.status()
            // Looking takes the hub's time too: in a large municipality it is done more rarely.
            let pause = max(0.2, 5 * self.clock.now().timeIntervalSince(began))
            progress(status)
            // What waits for a record that has failed waits until somebody mends that.
            let isStill = allowingFailures && status == last ? try await self.isStill(status, since: movedAt) : false
            if try await self.hasReadAll(), status.outbox == 0, status.lag.values.allSatisfy({ $0 == 0 }),
                isStill || status.waiting.values.allSatisfy({ $0 == 0 }),
                allowingFailures || (status.failed["replaying"] ?? 0) == 0
            {
                if try await self.unikum.isIdle, try await self.skola24Files?.isIdle ?? true,
                    await self.breakOffList?.isIdle ?? true, try await self.skolon?.isIdle ?? true
                {
                    return
                }
            }
            if status != last {
                last = status
                movedAt = self.clock.now()
            }
            if self.clock.now().timeIntervalSince(movedAt) > seconds {
                throw AppError(
                    .demo,
                    "Nothing has moved for \(Int(seconds)) s: outbox \(status.outbox), under way \(status.lag), waiting \(status.waiting)."
                )
            }
            try await self.clock.sleep(.milliseconds(Int(pause * 1000)))
        }
    }

    /// Returns when a condition on the hub's status holds; looks twenty times a second.
    ///
    /// - Throws: ``AppError`` when it hasn't come about within five minutes, or ten in a large municipality, where flows have much to go
    ///   through after a load.
    @discardableResult
    public func until(_ condition: (HubStatus) async throws -> Bool) async throws -> HubStatus {
        let began = self.clock.now()
        while true {
            let status = try await self.context.status()
            if try await condition(status) { return status }
            let limit = self.municipality.census.children > 1000 ? 600.0 : 300
            guard self.clock.now().timeIntervalSince(began) < limit else {
                throw AppError(
                    .demo,
                    """
                    What was waited for didn't come within \(Int(limit)) s: outbox \(status.outbox), under way \(status.lag), \
                    waiting \(status.waiting), published \(status.counts.published), delivered \(status.counts.delivered). \
                    See \(self.options.directory)/hub.log.
                    """)
            }
            try await self.clock.sleep(.milliseconds(50))
        }
    }

    /// Whether the hub's marks have reached the latest change of every entity.
    public func hasReadAll() async throws -> Bool {
        guard try await self.hasRead(self.edlevo, "edlevo") else { return false }
        for (system, standIn) in self.others {
            guard try await self.hasRead(standIn, system.rawValue) else { return false }
        }
        return true
    }

    private func hasRead(_ standIn: SS12000StandIn, _ source: String) async throws -> Bool {
        for entity in self.context.mappings.set.inboundEntities(system: source) {
            guard let latest = await standIn.latestChange(of: entity).flatMap(RFC3339.date) else { continue }
            guard let mark = try await self.context.store.mark(source: source, entity: entity.rawValue).flatMap(RFC3339.date)
            else {
                return false
            }
            // Marks are kept to the millisecond.
            if latest.timeIntervalSince(mark) > 0.002 { return false }
        }
        return true
    }

    /// Puts edited mappings in force here too, as the running hub does by itself.
    public func reloadMappings() throws {
        self.context.mappings.replace(with: try HubContext.mappings(self.context.configuration, logger: self.context.logger))
    }
}
