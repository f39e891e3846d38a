import ConnectorKit
import Connectors
import Foundation
import Hub
import Mapping
import SchoolRecords
import StandIns
import Testing

/// A population register that sends notices, a student register, and the hub. Persons and their numbers are those of ``Documents``.
struct RegistrationWorld {
    let hub: TestHub
    let navet: NavetStandIn
    let edlevo = ScriptedSource()
    private let connector: DelimitedSourceConnector

    static func with(_ body: (RegistrationWorld) async throws -> Void) async throws {
        try await TestHub.with { hub in
            let folder = hub.directory + "-navet"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let world = try RegistrationWorld(hub, folder)
            Documents.fill(world.edlevo)
            try await body(world)
        }
    }

    private init(_ hub: TestHub, _ folder: String) throws {
        self.hub = hub
        self.navet = NavetStandIn(folder: folder)
        var settings = try #require(hub.mappings.set.systems["navet"]?.side(.source)).settings
        settings["drop_folder"] = .string(folder)
        settings["whole_when"] = ["unchanged_seconds": 0]
        self.connector = try DelimitedSourceConnector.make(system: "navet", settings: settings, logger: hub.logger)
    }

    // MARK: What happens

    static func number(_ person: Int) -> String { Documents.person(person)["civicNo"]?["value"]?.stringValue ?? "" }

    /// Somebody as the student register has them.
    static func post(_ person: Int, mark: String = "") -> NavetPost {
        var post = NavetPost(Self.number(person), givenName: "Prov", familyName: "Testsson\(person)")
        post.secrecy = mark
        return post
    }

    @discardableResult
    func readEdlevo(_ mode: Intake.Mode = .full) async throws -> IntakeReport { try await self.hub.intake(self.edlevo).run(mode) }

    /// The register sends notices about these, and the hub reads them.
    @discardableResult
    func notify(_ posts: NavetPost..., mode: Intake.Mode = .changes) async throws -> IntakeReport {
        for post in posts { await self.navet.put(post) }
        try await self.navet.notify(of: posts.map(\.number))
        return try await self.readNavet(mode)
    }

    @discardableResult
    func readNavet(_ mode: Intake.Mode) async throws -> IntakeReport { try await self.hub.intake(self.connector).run(mode) }

    // MARK: What came of it

    func isOpen(_ person: Int) async throws -> Bool {
        let key = RecordKey(.person, Documents.id(person))
        return try await self.hub.store.records([key])[key]?.isLive == true
    }

    func withheld() async throws -> [Entity: Int] { try await self.hub.store.withheldCounts() }

    /// The registrations in the register, by person.
    func registrations() async throws -> [String: Registration] {
        let records = try await self.hub.store.liveRecords(of: .registration, after: nil, limit: 100)
        return try Dictionary(
            uniqueKeysWithValues: records.map { try Registration(json: JSONValue(parsing: $0.body)) }.map {
                ($0.person?.id ?? "", $0)
            })
    }

    func changes() async throws -> [IdentityChange] {
        try await self.hub.store.liveRecords(of: .identityChange, after: nil, limit: 100).map {
            try IdentityChange(json: JSONValue(parsing: $0.body))
        }
    }

    /// All that the database's files say as they are.
    func bytes() throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: self.hub.directory).sorted().reduce(into: Data()) { all, name in
            all.append(try Data(contentsOf: URL(fileURLWithPath: self.hub.directory + "/" + name)))
        }
    }
}
