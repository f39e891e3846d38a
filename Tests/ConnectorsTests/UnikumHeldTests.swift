import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("What Unikum holds is read from exports")
struct UnikumHeldTests {
    private actor Collector {
        private(set) var rows: [TargetRow] = []
        func take(_ rows: [TargetRow]) { self.rows += rows }
    }

    private struct Exports {
        let folder: UnikumFolder

        func leave(_ name: String, _ text: String, latin1: Bool = false) throws {
            let data = latin1 ? text.data(using: .isoLatin1) ?? Data() : Data(text.utf8)
            try data.write(to: URL(fileURLWithPath: self.folder.path + "/" + name))
        }

        func connector(_ change: (inout JSONValue) -> Void = { _ in }) throws -> UnikumConnector {
            let path = self.folder.path
            return try self.folder.connector { settings in
                settings["held"] = [
                    "folder": .string(path), "objects": "objekt-*.txt", "relations": "relationer-*.txt",
                    "keys": ["person": "personalNumber", "class": "externalId", "school": "externalId"],
                ]
                change(&settings)
            }
        }

        func held() async throws -> [TargetRow] {
            let collector = Collector()
            try await self.connector().readHeld { await collector.take($0) }
            return await collector.rows
        }

        func failure() async -> ConnectorFailure? {
            await #expect(throws: ConnectorFailure.self) { try await self.held() }
        }
    }

    private static func with(_ body: (Exports) async throws -> Void) async throws {
        try await UnikumFolder.with { try await body(Exports(folder: $0)) }
    }

    private static let classes = "k1\tKlass Å\t\t\t\t\tclass\nk2\tKlass 2\t\t\t\t\tclass\n"
    private static let members = "student_in_class\t20130101-TF01\tk1\n"

    @Test func `the newest of each kind counts, and other types are passed over`() async throws {
        try await Self.with { exports in
            try exports.leave("objekt-1.txt", "old\tOld\t\t\t\t\tclass\n")
            try exports.leave("objekt-2.txt", Self.classes + "x\ty\tbudget\n\n")
            try exports.leave("relationer-2.txt", Self.members + "likes\ta\tb\n")
            let rows = try await exports.held()
            #expect(
                Set(rows) == [
                    TargetRow(kind: "class", key: "k1", fields: ["externalId": "k1", "name": "Klass Å"]),
                    TargetRow(kind: "class", key: "k2", fields: ["externalId": "k2", "name": "Klass 2"]),
                    TargetRow(
                        kind: "student_in_class", key: "20130101-TF01|k1", fields: ["from": "20130101-TF01", "to": "k1"]),
                ])
            let connector = try exports.connector()
            #expect(connector.canReadHeld && !connector.tellsAtOnce)
            let written = try #require(await connector.heldAsOf())
            #expect(abs(written.timeIntervalSinceNow) < 60)
        }
    }

    @Test func `rows across the borders of what is read at once come whole`() async throws {
        try await Self.with { exports in
            let many = (0..<5000).map { "k\($0)\tKlass nummer \($0) åäö\t\t\t\t\tclass\n" }
            try exports.leave("objekt-1.txt", many.joined())
            try exports.leave("relationer-1.txt", "")
            let rows = try await exports.held()
            #expect(rows.count == 5000 && rows.last?.fields["name"] == "Klass nummer 4999 åäö")
        }
    }

    @Test func `a file that is missing, cut off, laid out otherwise or in another encoding is no answer`() async throws {
        try await Self.with { exports in
            #expect(await exports.failure()?.word == .noFileYet)
            try exports.leave("objekt-1.txt", Self.classes)
            let half = await exports.failure()
            #expect(half?.word == .noFileYet && half?.message.contains("relationer-*.txt") == true)
            try exports.leave("relationer-1.txt", String(Self.members.dropLast(2)))
            let cut = await exports.failure()
            #expect(cut?.word == .cutOff && cut?.message.contains("relationer-1.txt:1") == true)
            try exports.leave("relationer-1.txt", "student_in_class\t20130101-TF01\n")
            #expect(await exports.failure()?.word == .columnsDiffer)
            try exports.leave("relationer-1.txt", Self.members)
            try exports.leave("objekt-1.txt", "k1\tKlass Å\t\t\t\t\tclass\n", latin1: true)
            #expect(await exports.failure()?.word == .wrongEncoding)
            try exports.leave("objekt-1.txt", "\tKlass utan id\t\t\t\t\tclass\n")
            let keyless = await exports.failure()
            #expect(keyless?.word == .keyMissing && keyless?.message.contains("utan id") == false)
        }
    }

    @Test func `without the setting nothing is told, and a wrong one is complained of`() async throws {
        try await Self.with { exports in
            #expect(try !exports.folder.connector().canReadHeld)
            let off = try exports.connector { $0.set("held", "enabled", false) }
            #expect(!off.canReadHeld)
            let error = #expect(throws: SettingsError.self) { () throws -> Void in
                _ = try exports.connector { settings in
                    settings.set("held", "folder", "relative")
                    settings.set("held", "keys", ["person": "nosuch", "class": "externalId", "school": "externalId"])
                }
            }
            let places = error?.problems.map(\.path).sorted()
            #expect(places == ["held.folder", "held.keys.person"])
        }
    }
}
