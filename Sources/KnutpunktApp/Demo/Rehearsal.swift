import ConnectorKit
import Connectors
import Foundation
import Glibc
import Hub
import Logging
import Mapping
import RabbitMQBroker
public import Reconciliation
import SchoolRecords
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
        /// Seconds between readings of changes of ``others``. With an hour, what arrives sooner came by a notice.
        public var othersEverySeconds = 1
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
            try files.createDirectory(atPath: drop, withIntermediateDirectories: true)
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
        let municipality = try SyntheticMunicipality(
            scale: options.scale, seed: options.seed, identityNumbers: options.identityNumbers,
            today: "\(HubClock.system.calendarDate)")
        let edlevo = EdlevoStandIn(municipality: municipality)
        let unikum = UnikumStandIn(dropFolder: drop, archiveFolder: directory + "/unikum-archive")
        var others: [TwoWaySystem: SS12000StandIn] = [:]
        for system in options.others { others[system] = try SS12000StandIn(system, in: municipality) }
        let standIns = others
        let posters = others.mapValues { NoticePoster($0) }
        return try await withEdlevoStandIn(edlevo) { edlevo in
            try await withUnikumStandIn(unikum) { unikum in
                try await Self.running(standIns, posters) {
                    let configurationPath = try await Self.writeConfiguration(
                        options, mappings: mappings, drop: drop, edlevo: edlevo, others: standIns)
                    let configuration = try await HubConfiguration.read(file: configurationPath, flags: [:], environment: [:])
                    let logger = Logger(label: "rehearsal") { _ in SwiftLogNoOpLogHandler() }
                    let hub = HubProcess(
                        executable: options.executable, arguments: ["serve", "--config", configurationPath],
                        logPath: directory + "/hub.log", environment: Self.environment)
                    let rehearsal = Rehearsal(
                        options: options, municipality: municipality, edlevo: edlevo, unikum: unikum, others: standIns,
                        posters: posters, hub: hub,
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

    /// Runs the stand-ins of other systems for as long as `body` runs.
    private static func running<Result: Sendable>(
        _ standIns: [TwoWaySystem: SS12000StandIn], _ posters: [TwoWaySystem: NoticePoster], _ body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for standIn in standIns.values { group.addTask { try await standIn.run() } }
            for poster in posters.values { group.addTask { try await poster.run() } }
            defer { group.cancelAll() }
            for standIn in standIns.values { try await standIn.waitUntilStarted() }
            return try await body()
        }
    }

    /// What the hub's process needs of ours: variables that would configure another hub are left out.
    private static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter {
            ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "TZ"].contains($0.key)
        }
    }

    private static func writeConfiguration(
        _ options: Options, mappings: String, drop: String, edlevo: EdlevoStandIn,
        others: [TwoWaySystem: SS12000StandIn]
    ) async throws -> String {
        let directory = options.directory
        let secret = directory + "/edlevo-secret"
        let path = directory + "/knutpunkt.yaml"
        var text = """
            data:
              directory: \(directory)/data
            mappings:
              directory: \(mappings)
            systems:
              edlevo:
                connection:
                  base_url: \(try await edlevo.serverURL)
                  token_url: \(try await edlevo.tokenURL)
                  api_path: \(edlevo.dialect.apiPath)
                  deleted_entities_path: \(edlevo.dialect.deletedEntitiesPath)
                  client_id: \(edlevo.clientID)
                  client_secret:
                    file: \(secret)
                schedule:
                  changes_every_seconds: 1
              unikum:
                drop_folder: \(drop)

            """
        for (system, standIn) in others.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text += try await Self.configuration(of: system, standIn, secret: secret, options)
        }
        if !others.isEmpty {
            let address = "127.0.0.1:\(try Self.freePort())"
            text += "http:\n  listen: \(address)\n  public_url: http://\(address)\n"
        }
        let broker = options.brokerURL.map { "amqp:\n  url: \($0)\n" } ?? ""
        for (file, content) in [(secret, edlevo.clientSecret + "\n"), (path, text + broker)] {
            guard
                FileManager.default.createFile(
                    atPath: file, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
            else { throw AppError(.demo, "\(file): can't be written.") }
        }
        return path
    }

    /// What the configuration says of another system: switched on, and told to the hub by notices too.
    private static func configuration(
        of system: TwoWaySystem, _ standIn: SS12000StandIn, secret: String, _ options: Options
    ) async throws -> String {
        let body = """
            \(system.rawValue):
              enabled: true
              connection:
                base_url: \(try await standIn.serverURL)
                token_url: \(try await standIn.tokenURL)
                api_path: \(standIn.dialect.apiPath)
                deleted_entities_path: \(standIn.dialect.deletedEntitiesPath)
                client_id: \(standIn.clientID)
                client_secret:
                  file: \(secret)
              source:
                subscriptions:
                  enabled: true
                schedule:
                  changes_every_seconds: \(options.othersEverySeconds)

            """
        return body.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    /// A port of the loopback that is free now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard descriptor >= 0, isBound else { throw AppError(.demo, "No free port on the loopback.") }
        return Int(UInt16(bigEndian: address.sin_port))
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

    public var peakMebibytes: Int { self.hub.peakMebibytes }

    private func requireHub() throws {
        guard self.hub.isRunning else {
            throw AppError(
                .demo,
                "The hub ended unexpectedly. The end of its log (\(self.options.directory)/hub.log):\n\(self.hub.lastLines)")
        }
        self.hub.noteMemory()
    }

    // MARK: How far it is

    /// Returns when the hub has read everything that Edlevo holds now, and Unikum has taken all of it.
    ///
    /// - Parameter progress: told records given to Unikum, now and then.
    /// - Throws: ``AppError`` when the hub ended, or `seconds` passed without anything moving.
    public func settle(
        within seconds: Double = 120, allowingFailures: Bool = false, progress: (HubStatus) -> Void = { _ in }
    ) async throws {
        var last: HubStatus?
        var movedAt = self.clock.now()
        while true {
            try self.requireHub()
            let status = try await self.context.status()
            progress(status)
            if try await self.hasReadAll(), status.outbox == 0, status.lag.values.allSatisfy({ $0 == 0 }),
                status.waiting.values.allSatisfy({ $0 == 0 }), allowingFailures || (status.failed["replaying"] ?? 0) == 0
            {
                if try await self.unikum.isIdle { return }
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
            try await self.clock.sleep(.milliseconds(200))
        }
    }

    /// Returns when a condition on the hub's status holds; looks twenty times a second.
    ///
    /// - Throws: ``AppError`` when it hasn't come about within 120 s.
    @discardableResult
    public func until(_ condition: (HubStatus) async throws -> Bool) async throws -> HubStatus {
        let began = self.clock.now()
        while true {
            let status = try await self.context.status()
            if try await condition(status) { return status }
            guard self.clock.now().timeIntervalSince(began) < 120 else {
                throw AppError(.demo, "What was waited for didn't come within 120 s. See \(self.options.directory)/hub.log.")
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

    // MARK: The proof

    /// Where Unikum doesn't hold what Edlevo says it should.
    public func differences() async throws -> [Difference] {
        let connections = try self.context.connectors(only: ["edlevo"])
        guard let (source, _) = connections.sources.first else { throw AppError(.notFound, "edlevo is no source") }
        let expected = try await ExpectedRows(source: source, mappings: self.context.mappings, key: self.context.key)
            .rows(for: "unikum")
        await source.shutdown()
        let held = await self.unikum.rows().map(Self.heldRow)
        var differences: [Difference] = []
        try Comparison.run(expected: expected, actual: held) { differences.append($0) }
        return differences
    }

    /// What the stand-in calls a field, in the words of `Mappings/unikum`: a translation of its own, so that a column
    /// that the descriptor has in the wrong place is found.
    private static let fieldNames: [String: [String: String]] = [
        "person": [
            "givenName": "fornamn", "familyName": "efternamn", "email": "epost", "personalNumber": "personnummer",
            "description": "beskrivning", "phone": "tel", "mobile": "mobil", "workPhone": "tel_arbete", "address": "adress",
            "postalCode": "postnr", "city": "ort", "hideContact": "dolj_kontaktuppgifter",
            "personalNotices": "personliga_notiser",
            "schoolNotices": "meddelanden_skola_grupp", "systemNotices": "systemmeddelanden", "schoolYear": "arskurs",
        ],
        "class": [
            "externalId": "externt_id", "name": "namn", "schoolForm": "skolform", "ageFrom": "alder_fran", "ageTo": "alder_till",
            "description": "beskrivning",
        ],
        "school": [
            "externalId": "externt_id", "scbCode": "scb_skolid", "name": "namn", "schoolForm": "skolform",
            "ageFrom": "alder_fran",
            "ageTo": "alder_till", "description": "beskrivning", "url": "url", "phone": "tel", "fax": "fax", "address": "adress",
            "postalCode": "postnr", "city": "stad", "visitingAddress": "besoksadress",
        ],
    ]

    private static func heldRow(_ row: UnikumRow) -> HeldRow {
        let names = Self.fieldNames[row.kind] ?? [:]
        var fields: [String: String] = [:]
        for (name, value) in row.fields { fields[names[name] ?? name] = value }
        return HeldRow(kind: row.kind, key: row.key, fields: fields)
    }

    /// Puts edited mappings in force here too, as the running hub does by itself.
    public func reloadMappings() throws {
        self.context.mappings.replace(with: try HubContext.mappings(self.context.configuration, logger: self.context.logger))
    }
}
