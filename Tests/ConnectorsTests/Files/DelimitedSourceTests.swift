import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Files that a system leaves are read")
struct DelimitedSourceTests {
    private static let head = "child;unit;from;to\n"

    private static func documents(_ connector: DelimitedSourceConnector, _ entity: Entity = .placement) async throws
        -> [JSONValue]
    {
        let pages = Pages()
        try await connector.read(entity, scope: .full) { await pages.take($0) }
        return await pages.records.map(\.document)
    }

    private actor Pages {
        private(set) var records: [SourceRecord] = []
        func take(_ page: SourcePage) { self.records += page.records }
    }

    private static func delta(_ change: (inout JSONValue) -> Void = { _ in }) -> JSONValue {
        var file = InboxFolder.placements
        file["content"] = "delta"
        file["columns"] = ["child", "unit", "from", "to", "state"]
        file["deleted"] = ["column": "state", "value": "B"]
        change(&file)
        return file
    }

    @Test func `columns are found by name, dates come in the standard's form, empty fields aren't there`() async throws {
        try await InboxFolder.with { folder in
            try folder.drop("placements-1.csv", "to;from;child;unit;more\n;20260817;barn-1;\"Södra; \"\"förskolan\"\"\";x\n")
            let documents = try await Self.documents(folder.connector())
            #expect(documents.count == 1)
            #expect(documents[0]["from"] == "2026-08-17")
            #expect(documents[0]["unit"] == #"Södra; "förskolan""#)
            #expect(documents[0]["to"] == nil && documents[0]["more"] == nil)
            #expect(documents[0]["id"]?.stringValue?.contains("barn") == false)
            #expect(try folder.names("done") == ["placements-1.csv", "placements-1.csv.report.txt"])
            #expect(try folder.report("done").contains("1 records, of which 1 new"))
        }
    }

    @Test func `the same key gives the same id, another system's another`() async throws {
        try await InboxFolder.with { folder in
            try folder.drop("placements-1.csv", Self.head + "a;u;20260817;\n")
            let first = try await Self.documents(folder.connector())
            try folder.drop("placements-2.csv", Self.head + "a;other;20260817;20270611\n")
            let second = try await Self.documents(folder.connector())
            #expect(first[0]["id"] == second[0]["id"] && second[0]["unit"] == "other")
        }
    }

    @Test func `deltas add up, and a marked row is gone`() async throws {
        try await InboxFolder.with { folder in
            let head = "child;unit;from;to;state\n"
            try folder.drop("placements-1.csv", head + "a;u;20260817;;N\nb;u;20260817;;N\n")
            try folder.drop("placements-2.csv", head + "a;u;20260817;;B\nc;u;20260817;;N\n")
            let connector = try folder.connector(Self.delta())
            #expect(Set(try await Self.documents(connector).compactMap { $0["child"]?.stringValue }) == ["b", "c"])
            try await #expect(connector.deletions(after: .distantPast).count == 1)
        }
    }

    @Test(arguments: [
        ("cut-off", "child;unit;from;to\na;u;20260817;\nb;u;2026"), ("columns-differ", "child;unit;from;to\na;u;20260817\n"),
        ("column-missing", "child,unit,from,to\na,u,20260817,\n"), ("no-date", "child;unit;from;to\na;u;17/8;\n"),
        ("key-missing", "child;unit;from;to\n;u;20260817;\n"), ("quote-without-end", "child;unit;from;to\n\"a;u;20260817;\n"),
        ("header-missing", ""), ("column-twice", "child;child;unit;from;to\na;a;u;20260817;\n"),
    ])
    func `a full file with a fault is rejected whole, and what was before stays`(_ code: String, _ text: String) async throws {
        try await InboxFolder.with { folder in
            try folder.drop("placements-1.csv", Self.head + "hemlig;u;20260817;\n")
            let connector = try folder.connector()
            let before = try await Self.documents(connector)
            try folder.drop("placements-2.csv", text)
            try await #expect(Self.documents(connector) == before)
            #expect(try folder.names("rejected") == ["placements-2.csv", "placements-2.csv.report.txt"])
            #expect(try folder.report("rejected").contains("[\(code)]"))
            try await #expect(connector.deletions(after: .distantPast).isEmpty)
        }
    }

    @Test(arguments: [("utf-8", false), ("iso-8859-1", true), ("windows-1252", true)])
    func `a file in another encoding is rejected rather than read wrongly`(_ encoding: String, _ isUTF8: Bool) async throws {
        try await InboxFolder.with { folder in
            var file = InboxFolder.placements
            file["encoding"] = .string(encoding)
            let text = Self.head + "Åsa;u;20260817;\n"
            let data = isUTF8 ? Data(text.utf8) : Data(text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F })
            try folder.drop("placements-1.csv", data)
            let connector = try folder.connector(file)
            let failure = await #expect(throws: ConnectorFailure.self) { try await Self.documents(connector) }
            #expect(failure?.code == "no-file-yet")
            #expect(try folder.report("rejected").contains("[wrong-encoding]"))
        }
    }

    @Test func `letters of Windows are read as such`() async throws {
        try await InboxFolder.with { folder in
            var file = InboxFolder.placements
            file["encoding"] = "windows-1252"
            try folder.drop("placements-1.csv", Data(Array((Self.head).utf8) + [0x80, 0xC5] + Array(";u;20260817;\n".utf8)))
            #expect(try await Self.documents(folder.connector(file))[0]["child"] == "€Å")
        }
    }

    @Test func `a bad row in a full file that may skip takes nothing away`() async throws {
        try await InboxFolder.with { folder in
            var file = InboxFolder.placements
            file["bad_rows"] = "skip"
            try folder.drop("placements-1.csv", Self.head + "a;u;20260817;\nb;u;20260817;\n")
            let connector = try folder.connector(file)
            try await #expect(Self.documents(connector).count == 2)
            try folder.drop("placements-2.csv", Self.head + "a;u;20260817;\nb;u;torsdag;\n")
            try await #expect(Self.documents(connector).count == 2)
            #expect(try folder.report("done").contains("nothing was taken away"))
        }
    }

    @Test func `a file that is still being written waits until it lies unchanged`() async throws {
        try await InboxFolder.with { folder in
            let connector = try folder.connector(wholeWhen: ["unchanged_seconds": 30])
            try folder.drop("placements-1.csv", Self.head)
            try await connector.probe()
            folder.clock.advance(by: .seconds(20))
            try folder.drop("placements-1.csv", Self.head + "a;u;20260817;\n")
            try await connector.probe()
            folder.clock.advance(by: .seconds(20))
            try await connector.probe()
            #expect(try folder.names("done").isEmpty)
            folder.clock.advance(by: .seconds(10))
            try await #expect(Self.documents(connector).count == 1)
        }
    }

    @Test func `a file that is to be announced waits for its announcement`() async throws {
        try await InboxFolder.with { folder in
            let connector = try folder.connector(wholeWhen: ["ready_suffix": ".klar"])
            try folder.drop("placements-1.csv", Self.head + "a;u;20260817;\n")
            try await connector.probe()
            #expect(try folder.names("done").isEmpty)
            try folder.drop("placements-1.csv.klar", "")
            try await #expect(Self.documents(connector).count == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/placements-1.csv.klar"))
        }
    }

    @Test func `a connector made anew knows what was there, and when it changed`() async throws {
        try await InboxFolder.with { folder in
            try folder.drop("placements-1.csv", Self.head + "a;u;20260817;\nb;u;20260817;\n")
            _ = try await Self.documents(folder.connector())
            folder.clock.advance(by: .seconds(3600))
            try folder.drop("placements-2.csv", Self.head + "a;u;20260817;20270101\n")
            let connector = try folder.connector()
            let before = try await Self.documents(connector)
            #expect(try await Self.documents(folder.connector()) == before)
            try await #expect(folder.connector().deletions(after: .distantPast) == connector.deletions(after: .distantPast))
            #expect(before.count == 1 && before[0]["meta"]?["created"] != before[0]["meta"]?["modified"])
        }
    }

    @Test func `files that nothing depends on are removed when they are old`() async throws {
        try await InboxFolder.with { folder in
            let connector = try folder.connector()
            for number in 1...3 {
                try folder.drop("placements-\(number).csv", Self.head + "a;u\(number);20260817;\n")
                try await connector.probe()
                folder.clock.advance(by: .seconds(20 * 86_400))
            }
            try await connector.probe()
            #expect(try folder.names("done") == ["placements-3.csv", "placements-3.csv.report.txt"])
            #expect(try await Self.documents(folder.connector())[0]["unit"] == "u3")
        }
    }

    @Test func `every setting that is wrong is told at once`() throws {
        let settings: JSONValue = [
            "drop_folder": "relative", "whole_when": ["unchanged_seconds": 1, "ready_suffix": ".x"],
            "files": [
                [
                    "entity": "pupil", "name": "a/b", "columns": ["id", "x"], "key": ["y"], "dates": ["x": "when"], "colour": 1,
                ]
            ],
        ]
        let error = #expect(throws: SettingsError.self) {
            try DelimitedSourceConnector.make(system: "tempus", settings: settings, logger: ServerUnderTest.silent)
        }
        let paths = Set((error?.problems ?? []).map(\.path))
        #expect(
            paths == [
                "drop_folder", "whole_when", "files[0].entity", "files[0].name", "files[0].columns", "files[0].dates.x",
                "files[0].colour",
            ])
    }
}
