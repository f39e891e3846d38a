import ConnectorKit
import Foundation
import SchoolRecords
import Testing

@testable import Connectors

@Suite("Files of terms, a block for each record")
struct TermBlocksTests {
    private static let file: JSONValue = [
        "entity": "registration", "name": "*.txt", "content": "notices", "key": ["number"], "bad_rows": "reject",
        "dates": ["day": "yyyyMMdd"],
        "blocks": [
            "first": "01001", "begin": "#POST_START", "end": "#POST_SLUT",
            "terms": ["number": "01001", "name": "01012", "day": "01099"],
            "groups": ["first": "02001", "terms": ["other": "02001", "kind": "02003"]],
        ],
    ]

    private actor Pages {
        private(set) var records: [SourceRecord] = []
        func take(_ page: SourcePage) { self.records += page.records }
    }

    private static func documents(_ connector: DelimitedSourceConnector, after: ReadScope = .full) async throws -> [JSONValue] {
        let pages = Pages()
        try await connector.read(.registration, scope: after) { await pages.take($0) }
        return await pages.records.map(\.document)
    }

    @Test func `a block is a record, with or without markers, its relations in order`() async throws {
        for text in [
            "#UP 01001 20130101TF01\n#UP 01012 Prov Linus\n#UP 02001 a\n#UP 02003 V\n#UP 02001 b\n#UP 01001 20130101TF02\n",
            "#FIL_START\n#POST_START\n#UP 01012 Prov Linus\n#UP 02001 a\n#UP 02003 V\n#UP 02001 b\n#UP 01001 20130101TF01\n"
                + "#POST_SLUT\n\n#POST_START\n#UP 01001   20130101TF02 \n#UP 01012\n#POST_SLUT\n",
            "#UP 01001 20130101TF01\r\n#UP 01012 Prov Linus\r\n#UP 07777 okänt\r\n#UP 02001 a\r\n#UP 02003 V\r\n#UP 02001 b\r\n"
                + "#UP 01001 20130101TF02\r\n",
        ] {
            try await InboxFolder.with { folder in
                try folder.drop("a.txt", text)
                let documents = try await Self.documents(folder.connector(Self.file))
                #expect(documents.map { $0["number"] } == ["20130101TF01", "20130101TF02"], "\(text)")
                #expect(documents.map { $0["name"] } == ["Prov Linus", nil])
                #expect(documents.first?["rows"] == [["other": "a", "kind": "V"], ["other": "b"]])
                #expect(documents.last?["rows"] == nil)
                #expect(documents.allSatisfy { $0["id"]?.stringValue?.contains("TF0") == false })
                let report = try folder.report("done")
                #expect(report.contains("2 records, of which 2 new") && !report.contains("TF0"))
                #expect(report.contains("terms passed over: 1") == text.contains("07777"))
            }
        }
    }

    @Test(
        "a fault rejects the file as a whole, and the report names the line",
        arguments: [
            ("#UP 01012 Prov\n#UP 01001 20130101TF01\n", "line 1: the term 01012 stands before 01001", "line-unreadable"),
            ("#UP 01001 20130101TF01\nProv\n", "line 2: the line is no #UP", "line-unreadable"),
            ("#UP 01001 20130101TF01\n#UP Prov\n", "line 2: the line is no #UP", "line-unreadable"),
            ("#UP 01001 20130101TF01\n#UP 01012 a\n#UP 01012 b\n", "line 3: the term 01012 stands twice", "line-unreadable"),
            ("#UP 01001 20130101TF01\n#UP 02003 V\n", "line 2: the term 02003 stands before 02001", "line-unreadable"),
            ("#UP 01001 20130101TF01\n#POST_SLUT\n#POST_SLUT\n", "line 3: a block ends", "line-unreadable"),
            ("#POST_START\n#UP 01001 20130101TF01\n", "line 1: the last block has no end", "cut-off"),
            ("#POST_START\n#UP 01001 20130101TF01\n#POST_START\n", "line 1: the last block has no end", "cut-off"),
            ("#UP 01001 20130101TF01\n#UP 01012 Pr", "line 2: the last block has no end", "cut-off"),
            ("", "the file is empty", "cut-off"),
            ("#UP 01001\n", "line 1: number, which is in the key, is empty", "key-missing"),
            ("#UP 01001 20130101TF01\n#UP 01099 2026\n", "line 1: day is no date like yyyyMMdd", "no-date"),
        ])
    func fault(_ text: String, _ message: String, _ code: String) async throws {
        try await InboxFolder.with { folder in
            try folder.drop("a.txt", text)
            let connector = try folder.connector(Self.file)
            let documents = try await Self.documents(connector)
            #expect(documents.isEmpty)
            #expect(await connector.rejectedInputs() == 1)
            let report = try folder.report("rejected")
            #expect(report.contains(message) && report.contains("[\(code)]"), "\(report)")
            #expect(!report.contains("TF01") && !report.contains("Prov"))
        }
    }

    @Test func `a later notice takes an earlier one's place, and nobody is gone for not being told of`() async throws {
        try await InboxFolder.with { folder in
            let connector = try folder.connector(Self.file)
            try await #expect(Self.documents(connector).isEmpty, "no notice is no news")
            try folder.drop("a.txt", "#UP 01001 20130101TF01\n#UP 01012 A\n#UP 01001 20130101TF02\n#UP 01012 B\n")
            let first = try await Self.documents(connector)
            folder.clock.advance(by: .seconds(60))
            let time = folder.clock.clock.now().addingTimeInterval(-1)
            try folder.drop("b.txt", "#UP 01001 20130101TF02\n#UP 01012 C\n")
            let changed = try await Self.documents(connector, after: .modifiedAfter(time))
            #expect(changed.map { $0["name"] } == ["C"] && changed.first?["id"] == first.last?["id"])
            let all = try await Self.documents(connector)
            #expect(Set(all.compactMap { $0["name"]?.stringValue }) == ["A", "C"])
            let deletions = try await connector.deletions(after: .distantPast)
            #expect(deletions.isEmpty && !connector.tellsAll(of: .registration))
            // Another connector on the same folder has the same.
            let again = try await Self.documents(folder.connector(Self.file))
            #expect(Set(again.map(\.canonicalData)) == Set(all.map(\.canonicalData)))
        }
    }

    @Test func `a notice is kept as long as it is set, in the folder and in memory`() async throws {
        try await InboxFolder.with { folder in
            let connector = try folder.connector(Self.file)
            try folder.drop("a.txt", "#UP 01001 20130101TF01\n")
            try await #expect(Self.documents(connector).count == 1)
            folder.clock.advance(by: .seconds(31 * 86_400))
            try folder.drop("b.txt", "#UP 01001 20130101TF02\n")
            _ = try await Self.documents(connector)
            let documents = try await Self.documents(connector)
            #expect(documents.map { $0["number"] } == ["20130101TF02"])
            #expect(try folder.names("done") == ["b.txt", "b.txt.report.txt"])
        }
    }

    @Test func `settings that make no sense are refused`() throws {
        try InboxFolder.checkSettings(
            Self.file,
            [
                (["columns": ["a"]], "files[0].columns"), (["header": true], "files[0].header"),
                (["key_form": "text"], "files[0].content"), (["key": ["nobody"]], "files[0].columns"),
                (["blocks": ["first": "01001"]], "files[0].blocks.terms"),
                (["blocks": ["first": "01001", "terms": ["number": "x"]]], "files[0].blocks.terms.number"),
                (["blocks": ["first": "01001", "terms": ["id": "01001"]]], "files[0].blocks.terms.id"),
                (["blocks": ["first": "01001", "end": "#E", "terms": ["number": "01001"]]], "files[0].blocks.end"),
                (
                    [
                        "blocks": [
                            "first": "01001", "terms": ["number": "01001"], "groups": ["first": "01001", "terms": ["a": "02"]],
                        ]
                    ],
                    "files[0].blocks.groups.terms"
                ),
            ])
    }
}
