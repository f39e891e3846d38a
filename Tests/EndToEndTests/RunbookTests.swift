import ConnectorKit
import Foundation
import Hub
import KnutpunktApp
import Logging
import Mapping
import Messaging
import SQLStores
import SchoolRecords
import Testing

@Suite("Each alarm and each error has its section")
struct RunbookTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

    /// Every error code of the hub, as the documentation has it.
    private static let sections: [Runbook.Page: [String]] = [
        .messages: ConnectorFailure.Code.allCases.map(\.rawValue) + MappingFailure.Code.allCases.map(\.rawValue)
            + NewFailure.Code.allCases.map(\.rawValue),
        .program: AppError.Code.allCases.map(\.rawValue) + BrokerError.Code.all.map(\.section)
            + StoreError.Code.allCases.map(\.section),
    ]

    /// A page's sections, by their heading, with what stands in them.
    private static func page(_ path: String) throws -> [(heading: String, text: String)] {
        let text = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
        return text.components(separatedBy: "\n### ").dropFirst().map { part in
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (lines[0], (lines.last ?? "").components(separatedBy: "\n## ")[0])
        }
    }

    @Test(arguments: Alarm.Kind.allCases)
    func `an alarm points to a section that is there`(_ kind: Alarm.Kind) throws {
        let alarm = Alarm(kind, "x", severity: .warning, text: Bilingual(sv: "", en: ""), raised: "")
        let parts = alarm.runbook.split(separator: "#").map(String.init)
        let text = try String(contentsOf: Self.root.appendingPathComponent(parts[0]), encoding: .utf8)
        #expect(text.contains("\n## \(parts[1])\n"))
    }

    @Test(arguments: Runbook.Page.allCases)
    func `each code has one section, each section a code, and none is empty`(_ page: Runbook.Page) throws {
        let codes = try #require(Self.sections[page])
        let written = try Self.page(page.rawValue)
        #expect(Set(codes).subtracting(written.map(\.heading)).sorted() == [], "no section in \(page.rawValue)")
        #expect(Set(written.map(\.heading)).subtracting(codes).sorted() == [], "no such code")
        #expect(Set(written.map(\.heading)).count == written.count && Set(codes).count == codes.count)
        for section in written {
            #expect(section.text.split(whereSeparator: \.isWhitespace).count >= 8, "\(section.heading) says too little")
        }
    }

    @Test func `an error points to its section, also through another one`() {
        let store = StoreError(.diskFull, "full")
        #expect(store.runbook == "docs/operations/errors-program.md#store-disk-full")
        #expect(AppError(.store, "full", cause: store).runbook == store.runbook)
        #expect(AppError(.notFound, "none").runbook == "docs/operations/errors-program.md#not-found")
        #expect(BrokerError(.accessRefused, "no").runbook == "docs/operations/errors-program.md#broker-access-refused")
        let refused = ConnectorFailure(.misconfigured, code: .tokenRefused, message: "no")
        #expect(AppError(refused)?.runbook == "docs/operations/errors.md#token-refused" && AppError(refused)?.exitCode == 78)
        #expect(AppError(store)?.exitCode == 74 && AppError(CancellationError()) == nil)
    }

    @Test func `a command that fails says where more is written, in either language and as JSON`() async throws {
        try await TemporaryDirectory.with { directory in
            let here = ["--data", directory, "--mappings", Program.mappings]
            let page = "docs/operations/errors-program.md#not-found"
            let english = try await Program.run(["failed", "show", "99"] + here)
            #expect(english.status == 66 && english.errors.hasSuffix("\nMore about it: \(page)\n"))
            let swedish = try await Program.run(["failed", "show", "99", "--lang", "sv"] + here)
            #expect(swedish.errors.hasSuffix("\nMer om felet: \(page)\n"))
            let json = try await Program.run(["failed", "show", "99", "--json"] + here)
            let told = try JSONValue(parsing: Data(json.errors.utf8))
            #expect(json.status == 66 && told["code"] == "not-found" && told["runbook"] == .string(page))
            #expect(told["message"]?.stringValue?.contains("99") == true && json.output.isEmpty)
        }
    }

    @Test func `a failed message says where its remedy is written`() async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = HubConfiguration(dataDirectory: directory, mappingsDirectory: Program.mappings)
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            let failure = NewFailure(
                stage: .delivery, system: "unikum", key: RecordKey(.duty, "a"), sequence: 1, kind: "mapping",
                code: MappingFailure.Code.valueWithoutCode.rawValue, field: "role", place: "unikum/duty.yaml:15", message: "m",
                body: nil)
            try await context.store.record([failure], time: "2026-08-17T06:00:00.000Z")
            let here = ["--data", directory, "--mappings", Program.mappings]
            let page = "docs/operations/errors.md#value-without-code"
            for command in [["groups"], ["show", "1"]] {
                let text = try await Program.run(["failed"] + command + here)
                #expect(text.status == 0 && text.output.localizedCaseInsensitiveContains("what to do: \(page)"))
            }
            let groups = try await Program.run(["failed", "groups", "--json"] + here)
            #expect(try JSONValue(parsing: Data(groups.output.utf8)).arrayValue?.first?["runbook"] == .string(page))
            let shown = try await Program.run(["failed", "show", "1", "--json"] + here)
            #expect(try JSONValue(parsing: Data(shown.output.utf8))["runbook"] == .string(page))
            let export = try await Program.run(["failed", "export"] + here)
            #expect(export.output.contains(page))
        }
    }

    /// A code that isn't declared would have no section.
    @Test func `the hub's own failures take their codes from the list`() throws {
        let sources = Self.root.appendingPathComponent("Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var looked = 0
        for case let file as URL in files where file.pathExtension == "swift" && !file.path.contains("/StandIns/") {
            let text = try String(contentsOf: file, encoding: .utf8)
            looked += 1
            #expect(!text.contains(#/\bcode: "[a-z]/#), "\(file.lastPathComponent)")
        }
        #expect(looked > 300)
    }
}
