import ConnectorKit
import Connectors
import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("Settings")
struct SettingsTests {
    private static func problems(_ settings: JSONValue) -> [String: String] {
        do {
            _ = try MadeConnector.make(settings)
            return [:]
        } catch {
            return Dictionary(error.problems.map { ($0.path, $0.message) }, uniquingKeysWith: { first, _ in first })
        }
    }

    @Test(arguments: [["x": 1], ["connector": "soap"], ["connector": 7], nil] as [JSONValue])
    func `an unknown connector tells the known ones`(settings: JSONValue) {
        let message = Self.problems(settings)["connector"]
        #expect(message?.contains("delimited_files") == true)
    }

    @Test func `every problem of a server's settings is told at once`() {
        let problems = Self.problems([
            "connector": "ss12000", "profile": "nova",
            "connection": [
                "base_url": "ftp://x", "token_url": "https://user:pass@host/token?x=1", "api_path": "/a?b", "client_id": 7,
                "client_secret": "in plain text", "client_certificate": "/nowhere.pem", "ca": "/nowhere-ca.pem", "basurl": "x",
            ],
            "endpoints": ["pupil": "pupils", "person": ""], "page_limit": 0, "request_timeout_seconds": "soon",
        ])
        #expect(
            Set(problems.keys) == [
                "profile", "connection.base_url", "connection.token_url", "connection.api_path", "connection.client_id",
                "connection.client_secret", "connection.client_certificate", "connection.client_key", "connection.ca",
                "connection.basurl", "endpoints.pupil", "endpoints.person", "page_limit", "request_timeout_seconds",
            ])
        #expect(!problems.values.contains { $0.contains("in plain text") || $0.contains("pass") && $0.contains("user:") })
    }

    @Test func `what is missing is told`() {
        #expect(
            Set(Self.problems(["connector": "ss12000"]).keys) == [
                "connection.base_url", "connection.token_url", "connection.api_path", "connection.client_id",
                "connection.client_secret",
            ])
        #expect(
            Set(Self.problems(["connector": "delimited_files"]).keys) == ["drop_folder", "objects.rows", "relations.types"])
    }

    @Test func `Edlevo needs no paths`() throws {
        let connector = try SS12000Connector.make(
            system: "edlevo",
            settings: [
                "connection": [
                    "base_url": "https://edlevo.example", "token_url": "https://token.example/connect/token", "client_id": "a",
                    "client_secret": ["env": "X"],
                ]
            ], logger: ServerUnderTest.silent)
        #expect(connector.entities == [.organisation, .person, .group, .duty, .placement])
    }

    @Test func `every problem of the files' settings is told at once`() {
        let problems = Self.problems([
            "connector": "delimited_files", "drop_folder": "relative/path", "batch_size": 0, "max_waiting_batches": "many",
            "objects": [
                "file_name": "objects.txt", "delimiter": "pipe", "encoding": "utf-16", "line_ending": "cr", "header": "yes",
                "rows": ["class": ["a", "a"], "school": "x", "person": ["b"]],
                "types": ["class": "t", "person": "t", "bus": "b"],
                "required": ["person": ["c"]], "colour": "red",
            ],
            "relations": [
                "file_name": "a/{batch}", "columns": ["operation", "from"], "add": "x", "remove": "x", "types": ["class"],
            ],
        ])
        #expect(
            Set(problems.keys) == [
                "drop_folder", "batch_size", "max_waiting_batches", "objects.file_name", "objects.delimiter", "objects.encoding",
                "objects.line_ending", "objects.header", "objects.rows.class", "objects.rows.school", "objects.types",
                "objects.types.bus", "objects.required.person", "objects.colour", "relations.file_name", "relations.columns",
                "relations.remove", "relations.types",
            ])
    }

    @Test func `files that would be collected in the wrong order are refused`() {
        for (objects, relations) in [
            ("a-{batch}-2.txt", "a-{batch}-1.txt"), ("b-{batch}-1.txt", "a-{batch}-2.txt"), ("a-{batch}", "a-{batch}"),
        ] {
            var settings = UnikumFolder.settings("/drop")
            settings.set("objects", "file_name", .string(objects))
            settings.set("relations", "file_name", .string(relations))
            #expect(Self.problems(settings)["relations.file_name"] != nil)
        }
    }

    @Test func `the settings that come with the project are right`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        let load = MappingSet.load(directory: root.appendingPathComponent("Mappings").path)
        let set = try #require(load.set, "\(load.diagnostics)")
        let systems = set.systems.merging(set.inactive) { first, _ in first }
        #expect(systems.count >= 2)
        for system in systems.values where system.name != "dnp" {
            #expect(try MadeConnector.make(system).count == system.directions.count)
        }
        // Skolverket lets nobody in without a certificate, which is the municipality's own: the one thing that is missing.
        let dnp = try #require(systems["dnp"])
        let error = #expect(throws: SettingsError.self) { try MadeConnector.make(dnp) }
        #expect(error?.problems.map(\.path) == ["connection.client_certificate"])
    }
}
