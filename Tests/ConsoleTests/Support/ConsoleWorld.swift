import AsyncHTTPClient
import ConnectorKit
import Foundation
import Hub
import Logging
import Mapping
import NIOCore
import NIOHTTP1
import Provisioning
import SQLStores
import SQLiteDatabase
import SchoolRecords
import ServiceLifecycle
import Synchronization
import Testing

@testable import Console

/// A console over a real store, and a browser's side of it.
struct ConsoleWorld: Sendable {
    let store: any HubStore
    let url: String
    let reading: Mutable<HealthReading>
    let alarms: Mutable<[Alarm]>
    /// What the console had compared, and for whom.
    let compared: Mutable<[String]>
    /// What was decided about role plans.
    let ordered: Mutable<[String]>
    /// The mapping files on the disk, as the console is told of them.
    let files: Mutable<[MappingFile]>
    let setUp: Mutable<HubSetUp>
    let verdicts: Mutable<[ConsoleVerdict]>
    let addresses: [String]
    /// Where the database is.
    let databasePath: String
    let site: ConsoleSite
    /// Whom the hub's own permissions refuse something: a name and an action.
    let refused: Mutable<Set<String>>

    static let key = HubKey(material: Data(repeating: 9, count: 32))
    /// Cookies of the gate's people.
    static let asAda = "session=ada"
    static let asGrace = "session=grace"
    static let asRut = "session=rut"

    /// Something that a test changes while the console shows it.
    final class Mutable<Value: Sendable>: Sendable {
        private let content: Mutex<Value>
        init(_ value: Value) { self.content = Mutex(value) }
        var value: Value {
            get { self.content.withLock { $0 } }
            set { self.content.withLock { $0 = newValue } }
        }
    }

    private static let mappingsDirectory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Mappings").standardizedFileURL.path

    private static let mappingFiles = MappingSet.files(directory: Self.mappingsDirectory)
    private static let loaded = MappingSet.load(Self.mappingFiles)

    /// The mappings of the project, which take longer to load than most pages to be shown; `nil` when something is wrong in them.
    static let mappings = Self.loaded.set

    /// Loads mappings: those of the project once, and others anew.
    static func load(_ files: [MappingFile]) -> MappingLoad {
        files == self.mappingFiles ? self.loaded : MappingSet.load(files)
    }

    static func with(_ body: (ConsoleWorld) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-console-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try await SQLStore.open(database: SQLiteDatabase.open(path: directory + "/store.sqlite"), key: Self.key)
        let mappings = try #require(Self.mappings)
        let reading = Mutable(HealthReading(time: HubClock.system.timestamp))
        let alarms = Mutable<[Alarm]>([])
        let compared = Mutable<[String]>([])
        let ordered = Mutable<[String]>([])
        let files = Mutable(Self.mappingFiles)
        let setUp = Mutable(Self.setUp)
        let verdicts = Mutable<[ConsoleVerdict]>([])
        let refused = Mutable<Set<String>>([])
        let desk = ConsoleDesk(
            store: store, mappings: MappingBook(mappings), key: Self.key,
            actions: ConsoleActions(
                compare: { scope, person in compared.value.append("\(scope.mode.rawValue) \(person)") },
                repairer: Repairer(
                    store: store, mappings: MappingBook(mappings), key: Self.key,
                    logger: Logger(label: "console") { _ in SwiftLogNoOpLogHandler() }),
                roles: { order, plan, person in ordered.value.append("\(order) \(plan) \(person)") },
                planRoles: { request, person in
                    ordered.value.append(
                        "plan \(request.term ?? "-") \(request.systems.sorted()) \(request.unit ?? "-") \(person)")
                    return request.term == "HT2026" ? "plan-made" : nil
                },
                explainRoles: { request, _, person in
                    ordered.value.append("explain \(request.person) \(request.whyNot ?? "-") \(request.reason) \(person)")
                    if request.person == "hidden" { return .protected }
                    return .roles(
                        heading: request.whyNot.map { "about \($0)" },
                        [ToldRole(sign: "+", title: "unikum larare", details: ["<b>rule</b> (roles.yaml:7)"])])
                },
                held: { id, approves, reason, person in
                    let decision = HeldDecision(
                        approves ? .approved : .rejected, by: person, reason: reason, time: HubClock.system.timestamp)
                    guard let change = try await store.decide(id, decision) else {
                        throw ConsoleRefusal.wrongInput(sv: "Redan beslutad.", en: "Decided already.")
                    }
                    return change
                },
                handIn: { what in
                    guard mappings.systems[what.source]?.source != nil else {
                        throw UploadRefusal(.unknownSource, sv: "Ingen källa.", en: "No source.")
                    }
                    let elements = (try? JSONValue(parsing: what.data))?.arrayValue ?? []
                    let entity = try #require(Entity(rawValue: what.entity))
                    let rows = elements.enumerated().map { place, element in
                        UploadedRow(
                            number: place + 1, line: nil,
                            .record(
                                SourceRecord(key: RecordKey(entity, element["id"]?.stringValue ?? ""), document: element)))
                    }
                    return try await Upload(
                        system: what.source, entity: entity, isComplete: what.isComplete, units: what.units, by: what.person,
                        store: store, key: Self.key, mappings: MappingBook(mappings), lock: NoLock(),
                        logger: Logger(label: "console") { _ in SwiftLogNoOpLogHandler() }
                    ).run(rows, isDryRun: what.isDryRun)
                },
                tools: ConsoleTools(
                    files: { files.value }, load: { ConsoleWorld.load($0) },
                    fields: {
                        FieldPicture(
                            lines: DryProbe(mappings: mappings, today: HubClock.system.calendarDate).lines(), findings: [],
                            probe: nil, interrupted: nil)
                    }, setUp: { setUp.value }, examine: { verdicts.value })), reading: { reading.value },
            alarms: { alarms.value },
            require: { action, _, person in
                guard refused.value.contains("\(person) \(action.rawValue)") else { return }
                throw ConsoleRefusal.forbidden(action.rawValue)
            })
        let site = try ConsoleSite(desk: desk, gate: TwoPeople())
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let listener = ConsoleListener(
            host: "127.0.0.1", port: 0, site: site,
            onListening: { continuation.yield($0) }, logger: Logger(label: "console") { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(services: [listener], logger: Logger(label: "console") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                try await body(
                    ConsoleWorld(
                        store: store, url: "http://127.0.0.1:\(port)", reading: reading, alarms: alarms, compared: compared,
                        ordered: ordered, files: files, setUp: setUp, verdicts: verdicts, addresses: site.addresses,
                        databasePath: directory + "/store.sqlite", site: site, refused: refused))
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static let setUp = HubSetUp(
        version: "1.2.3", process: 42, dataDirectory: "/data", mappingsDirectory: "/Mappings", storeBytes: 5 << 20,
        hasPrivateBroker: true,
        settings: [
            .init(key: "retention.audit_days", value: "730", isWritten: false),
            .init(key: "data.directory", value: "/data", isWritten: true),
        ])

    /// Has the register hold records as a source gives them.
    func take(_ records: [(Entity, JSONValue)], source: String = "edlevo") async throws {
        let states = try records.map { entity, json in
            let record = try SchoolRecord.validate(entity, json)
            let key = RecordKey(entity, record["id"]?.stringValue ?? "")
            return RecordState(key: key, owner: SchoolRecord.subject(entity, record)?.id, body: record.canonicalData)
        }
        _ = try await self.store.take(
            states, withheld: [], failures: [], source: source, time: HubClock.system.timestamp)
    }

    struct Answer: Sendable {
        let status: UInt
        let headers: HTTPHeaders
        let body: String
    }

    /// What a browser gets.
    func get(_ path: String, as cookie: String? = ConsoleWorld.asAda, headers: [(String, String)] = []) async throws -> Answer {
        var request = HTTPClientRequest(url: self.url + path)
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await self.answer(to: request)
    }

    /// A form sent as a browser sends it.
    func post(
        _ path: String, _ form: KeyValuePairs<String, String>, as cookie: String? = ConsoleWorld.asAda,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await self.post(path, pairs: Dictionary(form.map { ($0, $1) }) { first, _ in first }, as: cookie, headers: headers)
    }

    func post(
        _ path: String, pairs: [String: String], as cookie: String?, headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .POST
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let allowed = CharacterSet.alphanumerics
        let body = pairs.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }.joined(separator: "&")
        request.body = .bytes(ByteBuffer(string: body))
        return try await self.answer(to: request)
    }

    /// What a program gets from the API.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, as cookie: String? = ConsoleWorld.asAda,
        headers: [(String, String)] = []
    ) async throws -> APIReply {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .init(rawValue: method)
        if let cookie {
            request.headers.add(name: "Cookie", value: cookie)
            if !headers.contains(where: { $0.0 == "X-CSRF-Token" }) {
                request.headers.add(name: "X-CSRF-Token", value: "form-of-\(cookie.dropFirst(8))")
            }
        }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.canonicalData))
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let answer = try await self.answer(to: request)
        return APIReply(
            status: Int(answer.status), headers: answer.headers, body: (try? JSONValue(parsing: Data(answer.body.utf8))) ?? .null)
    }

    /// The same with a body as it is.
    func raw(_ method: String, _ path: String, _ text: String, type: String = "application/json") async throws -> APIReply {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "Cookie", value: Self.asAda)
        request.headers.add(name: "X-CSRF-Token", value: "form-of-ada")
        if !type.isEmpty { request.headers.add(name: "Content-Type", value: type) }
        request.body = .bytes(ByteBuffer(string: text))
        let answer = try await self.answer(to: request)
        return APIReply(
            status: Int(answer.status), headers: answer.headers, body: (try? JSONValue(parsing: Data(answer.body.utf8))) ?? .null)
    }

    struct APIReply: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: JSONValue

        var code: String? { self.body["code"]?.stringValue }
    }

    /// A token of a program.
    func token(
        _ name: String, roles: Set<ConsoleRole>, units: UnitScope = .all, account: String? = nil, source: String? = nil,
        expiresAt: String = "2999-01-01T00:00:00Z"
    ) async throws -> [(String, String)] {
        let text = MachineTokenText.make()
        let time = HubClock.system.timestamp
        let token = MachineToken(
            name: name, digest: MachineTokenText.digest(text), account: account, roles: Set(roles.map(\.rawValue)), units: units,
            systems: .all, source: source, createdAt: time, createdBy: "ada", expiresAt: expiresAt)
        _ = try await self.store.add(token, by: "ada", time: time)
        return [("Authorization", "Bearer \(text)")]
    }

    private func answer(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await Self.client.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 8 << 20)
        return Answer(status: UInt(response.status.code), headers: response.headers, body: String(buffer: body))
    }

    /// One that stays where it is: where it is sent on to is what a test looks at.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}

extension ConsoleTools {
    /// For tests that ask the program for nothing.
    static let idle = ConsoleTools(
        files: { [] }, load: { MappingSet.load($0) },
        fields: { FieldPicture(lines: [], findings: [], probe: nil, interrupted: nil) },
        setUp: {
            HubSetUp(
                version: "", process: nil, dataDirectory: "", mappingsDirectory: "", storeBytes: nil, hasPrivateBroker: true,
                settings: [])
        }, examine: { [] })
}

/// One reader at a time anyhow.
struct NoLock: SourceLock {
    func withLock<Result: Sendable>(source: String, _ body: @Sendable () async throws -> Result) async throws -> Result {
        try await body()
    }
}

/// A gate that knows two people by their cookies.
struct TwoPeople: ConsoleGate {
    var hasAccounts: Bool { true }
    var openIDName: String? { nil }

    static let people = ["ada": "Ada Operatör", "grace": "Grace Läsare", "rut": "Rut Rektor"]
    /// Rut has to do with one school alone.
    private static let units: [String: UnitScope] = ["rut": .units(["school-a"])]

    func guest(cookies: String?) async throws -> ConsoleGuest? {
        if let user = Self.ofOneRole(cookies) { return ConsoleGuest(user: user, csrf: "form-of-\(user.name)") }
        guard let name = cookies?.split(separator: "; ").first(where: { $0.hasPrefix("session=") })?.dropFirst(8),
            let display = Self.people[String(name)]
        else { return nil }
        let user = ConsoleUser(
            name: String(name), displayName: display, roles: Set(ConsoleRole.allCases), units: Self.units[String(name)] ?? .all,
            signIn: .account(revision: 1))
        return ConsoleGuest(user: user, csrf: "form-of-\(name)")
    }

    /// Somebody with one role, as `session=role-operator` says, several, as `session=role-support+cleared`, or none, as `session=role-none`;
    /// and with one unit as `session=role-operator@school-a` does.
    private static func ofOneRole(_ cookies: String?) -> ConsoleUser? {
        guard let name = cookies?.split(separator: "; ").first(where: { $0.hasPrefix("session=role-") })?.dropFirst(8) else {
            return nil
        }
        let parts = name.dropFirst(5).split(separator: "@")
        var roles: Set<ConsoleRole> = []
        for text in parts[0].split(separator: "+") where text != "none" {
            guard let role = ConsoleRole(rawValue: String(text)) else { return nil }
            roles.insert(role)
        }
        return ConsoleUser(
            name: String(name), displayName: String(name), roles: roles,
            units: parts.count > 1 ? .units([String(parts[1])]) : .all, signIn: .account(revision: 1))
    }

    func signIn(name: String, password: String, cookies: String?, address: String) async throws -> [String] {
        guard Self.people[name] != nil, password == "rätt lösenord" else {
            throw ConsoleRefusal(
                401, title: .init(sv: "Fel", en: "Wrong"),
                text: .init(sv: "Fel namn eller lösenord.", en: "Wrong name or password."))
        }
        return ["session=\(name); HttpOnly"]
    }

    func signOut(cookies: String?) async throws -> String { "session=; Max-Age=0" }

    func startOpenID(to path: String) async throws -> (location: String, cookie: String) {
        throw ConsoleRefusal(404, title: .init(sv: "-", en: "-"), text: .init(sv: "-", en: "-"))
    }

    func finishOpenID(query: String, cookies: String?, address: String) async throws -> (path: String, cookies: [String]) {
        throw ConsoleRefusal(404, title: .init(sv: "-", en: "-"), text: .init(sv: "-", en: "-"))
    }
}
