import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Delimited text that is handed in")
struct HandedInTextTests {
    private static let settings: JSONValue = [
        "connector": "handed_in", "direction": "source",
        "files": [
            [
                "entity": "person", "columns": ["elev", "fornamn", "fodd", "status"], "key": ["elev"], "delimiter": "semicolon",
                "dates": ["fodd": "yyyyMMdd"], "deleted": ["column": "status", "value": "borta"],
            ]
        ],
    ]

    private static func text(_ text: String, _ entity: Entity = .person) throws -> HandedInText? {
        try HandedInText(Data(text.utf8), of: entity, system: "friskolan", settings: Self.settings)
    }

    @Test func `each row is a record, a deletion, or says why it is neither, with its line and column`() throws {
        let text = try #require(
            try Self.text(
                """
                elev;fornamn;fodd;status
                1;Prov;20130401;
                2;"Prov;2";20130402;

                3;Prov;13-04-01;
                ;Prov;20130401;
                4;;;borta
                5;Prov

                """))
        #expect(text.rows.map(\.line) == [2, 3, 5, 6, 7, 8])
        var told: [String] = []
        for row in text.rows {
            switch row.content {
            case .record(let record): told.append("record \(record.document["fodd"]?.stringValue ?? "-")")
            case .deletion: told.append("deletion")
            case .unusable(let problem):
                told.append("\(problem.code) \(problem.column ?? "-")")
                #expect(!problem.message.sv.contains("13-04-01") && !problem.message.en.contains("13-04-01"))
            }
        }
        #expect(
            told == [
                "record 2013-04-01", "record 2013-04-02", "no-date fodd", "key-missing elev", "deletion", "columns-differ -",
            ])
    }

    @Test func `what can't be used as a whole is told as a whole`() throws {
        for (text, code) in [
            ("", "header-missing"), ("elev;fornamn;fodd\n", "column-missing"),
            ("elev;fornamn;fodd;status;elev\n", "column-twice"),
            ("elev;fornamn;fodd;status\n\"1;", "quote-without-end"),
        ] {
            let problem = #expect(throws: HandedInText.Problem.self) { try Self.text(text) }
            #expect(problem?.code == code)
        }
        let latin = Data([0x65, 0x6C, 0x65, 0x76, 0xE5])
        let problem = #expect(throws: HandedInText.Problem.self) {
            try HandedInText(latin, of: .person, system: "friskolan", settings: Self.settings)
        }
        #expect(problem?.code == "wrong-encoding")
        #expect(try Self.text("a\n", .group) == nil)
        #expect(try HandedInText(Data(), of: .person, system: "edlevo", settings: ["connector": "ss12000"]) == nil)
    }

    @Test func `the same key has the same id as in a folder's files`() throws {
        let one = try #require(try Self.text("status;fodd;fornamn;elev\n;;Prov;1\n"))
        let two = try #require(try Self.text("elev;fornamn;fodd;status\n1;Annat;;\n"))
        func id(_ text: HandedInText) -> String? {
            if case .record(let record)? = text.rows.first?.content { record.key.id } else { nil }
        }
        #expect(id(one) != nil && id(one) == id(two))
    }
}
