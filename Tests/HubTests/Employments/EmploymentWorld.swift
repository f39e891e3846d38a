import ConnectorKit
import Connectors
import Foundation
import Hub
import Logging
import Mapping
import Messaging
import Provisioning
import SchoolRecords
import StandIns
import Synchronization
import Testing

/// A personnel system, the hub and the student register, all the way round: what the first says becomes employments in the second,
/// messages to the third, duties there, duties in the hub, and roles.
///
/// There are two schools, A (compulsory) and B (upper-secondary), and their places UA and UB. It is 17 August 2026, the day when the
/// term begins.
struct EmploymentWorld {
    static let today = "2026-08-17"
    /// Temporary numbers of people whom the student register doesn't have yet; they can't be issued to anybody.
    static let number = "19800101TF04"
    static let other = "19810101TF04"

    let hub: TestHub
    let hr: HRStandIn
    let edlevo: EdlevoClassicStandIn
    let schools: [String: String]
    private let connectors: (hr: DelimitedSourceConnector, source: SS12000Connector, target: EdlevoClassicTarget)

    static func with(_ body: (EmploymentWorld) async throws -> Void) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: Self.today)
        let date = try #require(RFC3339.date("\(Self.today)T08:00:00Z"))
        let register = EdlevoStandIn(municipality: municipality, clock: { date })
        let schools = try await Self.schools(register)
        let mappings = try Self.mappings(schools)
        try await TestHub.with(mappings: mappings) { hub in
            try await withEdlevoStandIn(register) { register in
                try await withEdlevoClassicStandIn(EdlevoClassicStandIn(of: register, clock: { date })) { edlevo in
                    let world = try await EmploymentWorld(hub: hub, edlevo: edlevo, schools: schools.mapValues(\.id), date: date)
                    try await world.readRegister()
                    try await body(world)
                }
            }
        }
    }

    private init(hub: TestHub, edlevo: EdlevoClassicStandIn, schools: [String: String], date: Date) async throws {
        self.hub = hub
        self.edlevo = edlevo
        self.schools = schools
        self.hr = HRStandIn(folder: hub.directory + "/hr")
        try FileManager.default.createDirectory(atPath: self.hr.folder, withIntermediateDirectories: true)
        func settings(_ system: String, _ direction: SystemDescription.Direction) throws -> JSONValue {
            try #require(hub.mappings.set.systems[system]?.side(direction)).settings
        }
        func secret(_ text: String) throws -> JSONValue {
            let path = "\(hub.directory)/secret-\(UUID().uuidString)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return ["file": .string(path)]
        }
        var ours = try settings("hr", .source)
        ours["drop_folder"] = .string(self.hr.folder)
        ours["whole_when"] = ["unchanged_seconds": 0]
        var theirs = try settings("edlevoemployments", .target)
        theirs["connection"] = [
            "base_url": .string(try await edlevo.serverURL), "path": .string(edlevo.path),
            "license_keys": [["key": try secret(edlevo.licenseKey)]],
        ]
        let register = edlevo.register
        var source = try settings("edlevo", .source)
        source["connection"] = [
            "base_url": .string(try await register.serverURL), "token_url": .string(try await register.tokenURL),
            "api_path": .string(register.dialect.apiPath), "client_id": .string(register.clientID),
            "client_secret": try secret(register.clientSecret),
            "deleted_entities_path": .string(register.dialect.deletedEntitiesPath),
        ]
        let clock = ConnectorClock(now: { date }, uptime: ConnectorClock.system.uptime, sleep: ConnectorClock.system.sleep)
        var policy = RetryPolicy()
        policy.attempts = 2
        self.connectors = (
            try DelimitedSourceConnector.make(system: "hr", settings: ours, logger: hub.logger),
            try SS12000Connector.make(system: "edlevo", settings: source, logger: hub.logger),
            try EdlevoClassicTarget.make(
                system: "edlevoemployments", settings: theirs, clock: clock, policy: policy, logger: hub.logger)
        )
    }

    /// The compulsory school and the upper-secondary one, each with the code of a unit.
    private static func schools(_ register: EdlevoStandIn) async throws -> [String: (id: String, code: String)] {
        let organisations = try await register.truth(.organisation)
        var schools: [String: (id: String, code: String)] = [:]
        for (name, type) in [("A", "GR"), ("B", "GY")] {
            let unit = try #require(
                organisations.sorted { $0.key < $1.key }.first {
                    $0.value["organisationType"] == "Skolenhet" && $0.value["schoolUnitCode"] != nil
                        && $0.value["schoolTypes"]?.arrayValue?.contains(.string(type)) == true
                }?.value)
            schools[name] = (
                try #require(unit["parentOrganisation"]?["id"]?.stringValue), try #require(unit["schoolUnitCode"]?.stringValue)
            )
        }
        return schools
    }

    /// By the table of places: the same municipality has the same places, and the files take longer to load than a case to run.
    private static let loaded = Mutex<[String: MappingSet]>([:])

    /// The shipped mappings with every system switched on, and the places of this municipality.
    private static func mappings(_ schools: [String: (id: String, code: String)]) throws -> MappingSet {
        var table = "hr_unit,school_unit_code,school_type,name\nEX01,\(schools["A"]?.code ?? ""),GR,\nEX02,,FTH,\nEX90,,,\n"
        for (name, type) in [("A", "GR"), ("B", "GY")] { table += "U\(name),\(schools[name]?.code ?? ""),\(type),\n" }
        if let kept = self.loaded.withLock({ $0[table] }) { return kept }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mappings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(atPath: ProjectMappings.directory, toPath: folder.path)
        try Data(table.utf8).write(to: folder.appendingPathComponent("codes/hr_unit.csv"))
        let load = MappingSet.load(directory: folder.path) { _, settings in
            var settings = settings
            settings["enabled"] = true
            return settings
        }
        let set = try #require(load.set, "\(load.diagnostics)")
        self.loaded.withLock { $0[table] = set }
        return set
    }

    // MARK: The way round

    private var clock: HubClock { TestHub.clock("\(Self.today)T08:00:00Z") }

    private func intake(_ source: any SourceConnector) -> Intake {
        Intake(
            source: source, store: self.hub.store, key: self.hub.key, mappings: self.hub.mappings, clock: self.clock,
            logger: self.hub.logger)
    }

    /// Reads the student register into the hub.
    func readRegister() async throws { _ = try await self.intake(self.connectors.source).run(.full) }

    /// The personnel system leaves a file of these rows, and everything that follows happens.
    func tell(_ rows: [HREmployment], fault: ExportFault? = nil) async throws {
        await self.hr.set(rows)
        try await self.hr.export(fault: fault)
        _ = try await self.intake(self.connectors.hr).run(.full)
        try await self.deliver()
        try await self.readRegister()
    }

    /// Gives Edlevo what waits.
    func deliver() async throws {
        let system = "edlevoemployments"
        let entities = self.hub.mappings.set.deliveredEntities(system: system)
        let topology = HubTopology.topology(targets: [system: entities.map(\.rawValue)])
        try await self.hub.broker.declare(topology)
        let relay = OutboxRelay(store: self.hub.store, broker: self.hub.broker, topology: topology, logger: self.hub.logger)
        let delivery = DeliveryService(
            target: self.connectors.target, broker: self.hub.broker, store: self.hub.store, key: self.hub.key,
            mappings: self.hub.mappings, clock: self.clock, linger: .milliseconds(5), logger: self.hub.logger)
        let (store, broker) = (self.hub.store, self.hub.broker)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.run() }
            group.addTask { try await delivery.run() }
            for await _ in store.changes(every: .milliseconds(20)) {
                guard try await store.backlog() == 0, try await store.lag(of: system, entities: Set(entities)) == 0,
                    try await broker.depth(of: "deliver.\(system)") == 0
                else { continue }
                break
            }
            group.cancelAll()
        }
    }

    // MARK: What came of it

    private func name(_ school: String?) -> String {
        self.schools.first { $0.value == school }?.key ?? school ?? "?"
    }

    private func person(_ number: String) async throws -> String? {
        try await self.edlevo.register.truth(.person).first { $0.value["civicNo"]?["value"]?.stringValue == number }?.key
    }

    /// What the messages to Edlevo said, e.g. `A1[A 2025-08-01.., B 2026-08-01..2026-12-31] A2[…]`.
    var messages: [String] {
        get async {
            await self.edlevo.held.posted.filter { $0.service == "updateemployments" }.map { posted in
                let text = String(decoding: posted.body, as: UTF8.self)
                return text.components(separatedBy: "<employment>").dropFirst().map { employment in
                    let placements = employment.components(separatedBy: "<placement>").dropFirst().map { placement in
                        let place = RecordKey.normalID(Self.leaf("id", placement))
                        let end = Self.leaf("end", placement)
                        return "\(self.name(place)) \(Self.leaf("start", placement))..\(end == "9999-12-31" ? "" : end)"
                    }
                    return "\(Self.leaf("employeenumber", employment))[\(placements.joined(separator: ", "))]"
                }.joined(separator: " ")
            }
        }
    }

    private static func leaf(_ name: String, _ text: String) -> String {
        guard let start = text.range(of: "<\(name)>"), let end = text.range(of: "</\(name)>") else { return "" }
        return String(text[start.upperBound..<end.lowerBound])
    }

    /// The duties that the hub has of somebody, e.g. `A Lärare 50 % 2025-08-01..`.
    func duties(of number: String = Self.number) async throws -> [String] {
        try await self.dutyRecords(of: number).map { duty in
            let percent = duty.dutyPercent.map { " \($0) %" } ?? ""
            let last = duty.endDate.map { "\($0)" } ?? ""
            return "\(self.name(duty.dutyAt.id)) \(duty.dutyRole.rawValue)\(percent) \(duty.startDate)..\(last)"
        }.sorted()
    }

    private func dutyRecords(of number: String) async throws -> [Duty] {
        guard let person = try await self.person(number) else { return [] }
        return try await self.hub.store.liveRecords(of: .duty, after: nil, limit: 1000)
            .map { try Duty(json: JSONValue(parsing: $0.body)) }.filter { $0.person?.id == person }
    }

    /// The roles that somebody is to have in Unikum and Skola24, e.g. `unikum/pedagog A`.
    func roles(of number: String = Self.number) async throws -> [String] {
        guard let person = try await self.person(number) else { return [] }
        var population = Population()
        population.organisations = try await self.hub.store.liveRecords(of: .organisation, after: nil, limit: 1000)
            .map { try Organisation(json: JSONValue(parsing: $0.body)) }
        population.persons = [PersonFacts(id: person)]
        population.duties = try await self.dutyRecords(of: number)
        let planner = RolePlanner(
            policy: try #require(self.hub.mappings.set.roles), population: population,
            held: HeldRoles(systems: ["unikum", "skola24"]), date: try #require(CalendarDate(Self.today)))
        return planner.plan().entries.filter { $0.action == .grant }.map { entry in
            guard case .unit(let school) = entry.key.scope else { return "\(entry.key.name) \(entry.key.scope)" }
            return "\(entry.key.name) \(self.name(school))"
        }.sorted()
    }

    /// What failed: stage and code, and the failure's own words.
    var failures: [(code: String, message: String)] {
        get async throws {
            try await self.hub.store.list(FailureFilter()).map {
                ("\($0.failure.stage.rawValue) \($0.failure.code)", $0.failure.message)
            }
        }
    }

    /// The first employee that the hub has.
    func employee() async throws -> Employee? {
        let records = try await self.hub.store.liveRecords(of: .employee, after: nil, limit: 10)
        return try records.first.map { try Employee(json: JSONValue(parsing: $0.body)) }
    }
}
