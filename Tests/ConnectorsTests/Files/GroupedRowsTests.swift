import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Rows of a file that are one record")
struct GroupedRowsTests {
    private static let head = "number;person;place;to\n"

    private static let file: JSONValue = [
        "entity": "employee", "name": "rows-*.csv", "columns": ["number", "person", "place", "to"], "key": ["number"],
        "group_by": ["person"], "dates": ["to": "yyyy-MM-dd"], "no_dates": ["9999-12-31", "99991231"],
    ]

    private actor Pages {
        private(set) var records: [SourceRecord] = []
        func take(_ page: SourcePage) { self.records += page.records }
    }

    private static func documents(_ connector: DelimitedSourceConnector, after: ReadScope = .full) async throws -> [JSONValue] {
        let pages = Pages()
        try await connector.read(.employee, scope: after) { await pages.take($0) }
        return await pages.records.map(\.document)
    }

    private static func numbers(_ document: JSONValue) -> [String] {
        (document["rows"]?.arrayValue ?? []).compactMap { $0["number"]?.stringValue }
    }

    @Test func `rows with the same texts are one record, whatever their order`() async throws {
        try await InboxFolder.with { folder in
            try folder.drop("rows-1.csv", Self.head + "2;p;B;\n9;q;A;9999-12-31\n1;p;A;2026-06-30\n1;p;C;99991231\n2;p;B;\n")
            let connector = try folder.connector(Self.file)
            let first = try await Self.documents(connector)
            #expect(first.map(Self.numbers) == [["1", "1", "2"], ["9"]])
            #expect(first[0]["person"] == "p" && first[0]["rows"]?.arrayValue?.first?["to"] == "2026-06-30")
            #expect(first[1]["rows"]?.arrayValue?.first?["to"] == nil)
            #expect(first[0]["id"]?.stringValue?.contains("p") == false)
            #expect(try folder.report("done").contains("2 records, of which 2 new"))
            #expect(try folder.report("done").contains("the last counts: 1"))
            // In another order nothing has changed.
            folder.clock.advance(by: .seconds(60))
            let time = folder.clock.clock.now()
            try folder.drop("rows-2.csv", Self.head + "1;p;C;\n1;p;A;2026-06-30\n9;q;A;\n2;p;B;\n")
            try await #expect(Self.documents(connector, after: .modifiedAfter(time.addingTimeInterval(-1))).isEmpty)
            folder.clock.advance(by: .seconds(60))
            try folder.drop("rows-3.csv", Self.head + "1;p;C;\n9;q;A;\n2;p;B;\n")
            let changed = try await Self.documents(
                connector, after: .modifiedAfter(folder.clock.clock.now().addingTimeInterval(-1)))
            #expect(changed.map(Self.numbers) == [["1", "2"]] && changed[0]["id"] == first[0]["id"])
        }
    }

    @Test func `rows of which nobody says whose they are stand alone`() async throws {
        try await InboxFolder.with { folder in
            try folder.drop("rows-1.csv", Self.head + "1;;A;\n2;;A;\n3;p;A;\n")
            let documents = try await Self.documents(folder.connector(Self.file))
            #expect(documents.map(Self.numbers) == [["1"], ["2"], ["3"]])
            #expect(documents[0]["person"] == nil)
        }
    }

    @Test func `grouping goes with whole files and opaque keys alone`() throws {
        try InboxFolder.checkSettings(
            Self.file,
            [
                (["content": "delta"], "files[0].group_by"), (["key_form": "text"], "files[0].group_by"),
                (["group_by": ["nobody"]], "files[0].columns"),
                (["columns": ["number", "person", "place", "to", "rows"]], "files[0].columns"),
            ])
    }
}

extension InboxFolder {
    /// Holds changed settings of a file to be refused at a place.
    static func checkSettings(_ file: JSONValue, _ wrong: [(change: JSONValue, path: String)]) throws {
        for (change, path) in wrong {
            var file = file
            for (name, value) in change.objectValue ?? [:] { file[name] = value }
            let settings: JSONValue = ["connector": "delimited_files", "drop_folder": "/tmp/x", "files": [file]]
            let error = #expect(throws: SettingsError.self) {
                try DelimitedSourceConnector.make(system: "x", settings: settings, logger: ServerUnderTest.silent)
            }
            #expect(error?.problems.map(\.path).contains(path) == true, "\(path): \(String(describing: error))")
        }
    }
}
