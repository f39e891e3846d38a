import ConnectorKit
import Connectors
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

/// The files of roles and accounts, with the settings that the project ships, on a stand-in of each system.
@Suite("Files of roles and accounts")
struct RoleFilesTests {
    /// The shipped mappings, with every direction switched on.
    private static let mappings: MappingSet? = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return MappingSet.load(directory: root.appendingPathComponent("Mappings").path) { _, settings in
            var settings = settings
            settings["enabled"] = true
            if var source = settings["source"] {
                source["enabled"] = true
                settings["source"] = source
            }
            return settings
        }.set
    }()

    private static func settings(_ system: String, _ direction: SystemDescription.Direction) throws -> JSONValue {
        let set = try #require(Self.mappings)
        return try #require(set.systems[system]?.side(direction)).settings
    }

    private static func with(_ body: (String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("roles-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["drop", "state", "in"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try await body(root)
    }

    private static func source(_ system: String, _ root: String) throws -> DelimitedSourceConnector {
        var settings = try Self.settings(system, .source)
        settings["drop_folder"] = .string(root + "/in")
        settings["whole_when"] = ["unchanged_seconds": 0]
        return try DelimitedSourceConnector.make(system: system, settings: settings, logger: ServerUnderTest.silent)
    }

    /// What a reading gives, through the shipped mapping.
    private static func read(_ entity: Entity, _ connector: DelimitedSourceConnector) async throws -> [JSONValue] {
        let set = try #require(Self.mappings)
        let mapping = try #require(set.inbound(system: connector.system, entity: entity))
        let today = try #require(CalendarDate("2026-11-23"))
        let found = Found()
        try await connector.read(entity, scope: .full) { page in
            for record in page.records {
                if let mapped = try mapping.apply(record.document, today: today) {
                    await found.add(try SchoolRecord.validate(entity, mapped))
                }
            }
        }
        return await found.all
    }

    private actor Found {
        var all: [JSONValue] = []
        func add(_ value: JSONValue) { self.all.append(value) }
    }

    private static func roles(_ connector: DelimitedSourceConnector) async throws -> [String] {
        try await Self.read(.roleGrant, connector).map { role in
            let scope = role["pupil"] ?? role["group"] ?? role["organisation"]
            return [role["person"]?["id"], role["role"], scope?["id"] ?? "whole"].map { $0?.stringValue ?? "?" }.joined(
                separator: " ")
        }.sorted()
    }

    @Test func `Skolon holds what its newest files say, and tells it as it is`() async throws {
        try await Self.with { root in
            var settings = try Self.settings("skolon", .target)
            settings["drop_folder"] = .string(root + "/drop")
            settings["state_folder"] = .string(root + "/state")
            let connector = try FullFilesConnector.make(system: "skolon", settings: settings, logger: ServerUnderTest.silent)
            let source = try Self.source("skolon", root)
            let skolon = SkolonStandIn(folder: root + "/drop")
            func row(_ person: String, _ role: String, _ school: String = "school-1") -> TargetRow {
                TargetRow(
                    kind: "user", key: "\(person)|\(role)|\(school)",
                    fields: [
                        "unikt_id": person, "fornamn": "Åsa", "efternamn": "Provsson", "epost": "\(person)@skola.example",
                        "roll": role, "skol_id": school, "skola": "Södra skolan",
                    ])
            }
            func write(_ id: String, set: [TargetRow] = [], removed: [TargetRow] = []) async throws {
                let batch = TargetBatch(
                    id: id, writes: [TargetWrite(record: RecordKey(.roleGrant, "r"), sequence: 1, set: set, removed: removed)])
                let files = await skolon.files
                try await #expect(connector.write(batch).isEmpty)
                try await skolon.waitUntil { $0.files > files && (try? $0.isIdle) == true }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await skolon.run() }
                let all = [row("teacher-1", "TEACHER"), row("teacher-1", "TEACHER", "school-2"), row("pupil-1", "STUDENT")]
                try await write("1-a", set: all)
                await #expect(skolon.roles.count == 3)
                await skolon.giveByHand(HeldRole("teacher-2", "administrator", .unit("school-1")))
                try await write("2-b", removed: [all[0]])
                try await skolon.exportRoles(to: root + "/in")
                try await skolon.exportAccounts(to: root + "/in")
                try await #expect(
                    Self.roles(source) == [
                        "pupil-1 STUDENT school-1", "teacher-1 TEACHER school-2", "teacher-2 administrator school-1",
                    ])
                let accounts = try await Self.read(.accountStatus, source)
                #expect(Set(accounts.compactMap { $0["person"]?["id"]?.stringValue }) == ["pupil-1", "teacher-1"])
                #expect(accounts.allSatisfy { $0["state"] == "invited" })
                await #expect(skolon.refusals == [])
                group.cancelAll()
            }
        }
    }

    @Test func `Unikum's relations come back as the roles that they stand for`() async throws {
        try await Self.with { root in
            let unikum = UnikumStandIn(dropFolder: root + "/drop")
            let persons = PersonDirectory([
                ["id": "teacher-1", "civicNo": ["value": "19800101TF04"]],
                ["id": "pupil-1", "civicNo": ["value": "20130101TF01"]],
            ])
            for (relation, to) in [
                ("staff_in_school", "school-1"), ("teacher_in_school", "school-2"), ("teacher_in_class", "class-1"),
                ("mentor_for", "20130101-TF01"), ("administrator_for", "school-1"), ("administrator_for", "kommun"),
                ("external_user_in_school", "school-1"), ("observer_in_org", "kommun"), ("mentor_for", "20130101-TF09"),
            ] { await unikum.giveByHand(relation, from: "19800101-TF04", to: to) }
            try await unikum.exportRoles(to: root + "/in", persons: persons)
            try await #expect(
                Self.roles(try Self.source("unikum", root)) == [
                    "teacher-1 kommunadministratör whole", "teacher-1 mentor pupil-1", "teacher-1 observatör-kommun whole",
                    "teacher-1 observatör-skola school-1", "teacher-1 pedagog class-1", "teacher-1 pedagog school-2",
                    "teacher-1 personal school-1", "teacher-1 skoladministratör school-1",
                ])
        }
    }

    @Test(arguments: [ExportFault.halfAFile, .rowsTwice, .unknownColumn])
    func `a file that goes wrong takes no role away and gives none twice`(_ fault: ExportFault) async throws {
        try await Self.with { root in
            let skolon = SkolonStandIn(folder: root + "/drop")
            for number in 1...5 { await skolon.giveByHand(HeldRole("teacher-\(number)", "TEACHER", .unit("school-1"))) }
            let source = try Self.source("skolon", root)
            try await skolon.exportRoles(to: root + "/in")
            let before = try await Self.roles(source)
            #expect(before.count == 5)
            let told = try #require(try await source.told(of: .roleGrant))
            try await skolon.exportRoles(to: root + "/in", fault: fault)
            try await #expect(Self.roles(source) == before)
            let now = try #require(try await source.told(of: .roleGrant))
            #expect(fault == .halfAFile ? now == told : now > told, "as of when it says so")
        }
    }

    @Test func `a system that is away exports nothing`() async throws {
        try await Self.with { root in
            let unikum = UnikumStandIn(dropFolder: root + "/drop")
            let skolon = SkolonStandIn(folder: root + "/drop")
            try await unikum.goDown()
            await skolon.goDown()
            await #expect(throws: StandInError.self) {
                try await unikum.exportRoles(to: root + "/in", persons: PersonDirectory([]))
            }
            await #expect(throws: StandInError.self) { try await skolon.exportAccounts(to: root + "/in") }
        }
    }
}
