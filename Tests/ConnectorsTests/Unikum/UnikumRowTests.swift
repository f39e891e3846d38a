import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Unikum's rows, byte for byte")
struct UnikumRowTests {
    private static let person = TargetRow(
        kind: "person", key: "20130101-TF01",
        fields: [
            "givenName": "Åsa", "familyName": "Öberg-Ärlig", "email": "asa@elev.example.se", "personalNumber": "20130101-TF01",
            "phone": "0920-000000", "address": "Storgatan 1", "postalCode": "97231", "city": "Luleå", "hideContact": "false",
            "schoolYear": "7",
        ])
    private static let schoolClass = TargetRow(
        kind: "class", key: "k7a",
        fields: [
            "externalId": "k7a", "name": "7A", "schoolForm": "se.grundskoleutbildning.grundskola", "ageFrom": "13", "ageTo": "14",
        ])
    private static let school = TargetRow(
        kind: "school", key: "s1",
        fields: [
            "externalId": "s1", "scbCode": "12345678", "name": "Kågeskolan", "schoolForm": "se.grundskoleutbildning.grundskola",
            "visitingAddress": "Skolvägen 2",
        ])
    private static func relation(_ kind: String, _ from: String, _ to: String) -> TargetRow {
        TargetRow(kind: kind, key: "\(from)|\(to)", fields: ["from": from, "to": to])
    }

    private static func write(_ record: String, set: [TargetRow] = [], removed: [TargetRow] = []) -> TargetWrite {
        TargetWrite(record: RecordKey(.person, record), sequence: 1, set: set, removed: removed)
    }

    private static let all = TargetBatch(
        id: "000001-a",
        writes: [
            Self.write("1", set: [Self.person, Self.relation("student_in_class", "20130101-TF01", "k7a")]),
            Self.write("2", set: [Self.school, Self.schoolClass, Self.relation("class_in_school", "k7a", "s1")]),
        ])

    private static let objectLines = [
        "Åsa\tÖberg-Ärlig\tasa@elev.example.se\t20130101-TF01\t\t0920-000000\t\t\tStorgatan 1\t97231\tLuleå\tfalse\t\t\t\t7\t\t\tuser",
        "s1\t12345678\tKågeskolan\tse.grundskoleutbildning.grundskola\t\t\t\t\t\t\t\t\t\tSkolvägen 2\tschool",
        "k7a\t7A\tse.grundskoleutbildning.grundskola\t13\t14\t\tclass",
    ]
    private static let relationLines = ["add\tstudent_in_class\t20130101-TF01\tk7a", "add\tclass_in_school\tk7a\ts1"]
    private static let names = ["knutpunkt-000001-a-1-objects.txt", "knutpunkt-000001-a-2-relations.txt"]

    @Test func `each kind in UTF-8`() async throws {
        try await UnikumFolder.with { folder in
            _ = try await folder.connector().write(Self.all)
            #expect(try folder.names == Self.names)
            #expect(try folder.bytes(Self.names[0]) == Array((Self.objectLines.joined(separator: "\n") + "\n").utf8))
            #expect(try folder.bytes(Self.names[1]) == Array((Self.relationLines.joined(separator: "\n") + "\n").utf8))
        }
    }

    @Test func `each kind in ISO 8859-1, with semicolons and Windows line ends`() async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector {
                for part in ["objects", "relations"] {
                    $0.set(part, "encoding", "iso-8859-1")
                    $0.set(part, "delimiter", "semicolon")
                    $0.set(part, "line_ending", "crlf")
                }
            }
            _ = try await connector.write(Self.all)
            let text = (Self.objectLines.joined(separator: "\r\n") + "\r\n").replacingOccurrences(of: "\t", with: ";")
            let bytes = try folder.bytes(Self.names[0])
            #expect(bytes == Array(try #require(text.data(using: .isoLatin1))))
            #expect(Array(bytes.prefix(4)) == [0xC5, 0x73, 0x61, 0x3B])
        }
    }

    @Test func `headers, another order of columns and other words`() async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector {
                $0.set("objects", "header", true)
                $0.set("relations", "header", true)
                $0.set("relations", "columns", ["relation", "to", "from", "operation"])
                $0.set("relations", "add", "lägg till")
                $0.set("objects", "rows", ["class": ["<type>", "externalId", "", "name"]])
                $0.set("objects", "types", ["class": "klass"])
            }
            let row = TargetRow(kind: "class", key: "k", fields: ["externalId": "k", "name": "7A"])
            _ = try await connector.write(
                TargetBatch(id: "000001-a", writes: [Self.write("1", set: [row, Self.relation("class_in_school", "k", "s")])]))
            #expect(try folder.text(Self.names[0]) == "<type>\texternalId\t\tname\nklass\tk\t\t7A\n")
            #expect(try folder.text(Self.names[1]) == "relation\tto\tfrom\toperation\nclass_in_school\ts\tk\tlägg till\n")
        }
    }

    @Test func `what would break a row becomes a space`() async throws {
        try await UnikumFolder.with { folder in
            let row = TargetRow(
                kind: "class", key: "k",
                fields: ["externalId": "k", "name": "a\tb\r\nc\nd\re\u{2028}f\u{0}g\u{85}h;i,j"])
            _ = try await folder.connector().write(TargetBatch(id: "000001-a", writes: [Self.write("1", set: [row])]))
            #expect(try folder.text(Self.names[0]) == "k\ta b c d e f g h;i,j\t\t\t\t\tclass\n")
            _ = try await folder.connector { $0.set("objects", "delimiter", "comma") }
                .write(TargetBatch(id: "000002-b", writes: [Self.write("1", set: [row])]))
            #expect(try folder.text("knutpunkt-000002-b-1-objects.txt") == "k,a b c d e f g h;i j,,,,,class\n")
        }
    }

    @Test func `letters in two parts are put together for ISO 8859-1`() async throws {
        try await UnikumFolder.with { folder in
            let row = TargetRow(kind: "class", key: "k", fields: ["externalId": "k", "name": "A\u{30A}"])
            let refused = try await folder.connector { $0.set("objects", "encoding", "iso-8859-1") }
                .write(TargetBatch(id: "000001-a", writes: [Self.write("1", set: [row])]))
            #expect(refused.isEmpty)
            #expect(try folder.bytes(Self.names[0]) == [0x6B, 0x09, 0xC5, 0x09, 0x09, 0x09, 0x09, 0x09] + Array("class\n".utf8))
        }
    }

    @Test func `a record that can't be expressed is refused with its reason, and nothing of it is written`() async throws {
        let cases: [(code: String, row: TargetRow)] = [
            ("not-encodable", TargetRow(kind: "class", key: "k", fields: ["externalId": "k", "name": "Łukasz"])),
            ("unknown-field", TargetRow(kind: "class", key: "k", fields: ["externalId": "k", "shoeSize": "41"])),
            ("unknown-field", TargetRow(kind: "class", key: "k", fields: ["externalId": "k", "<type>": "41"])),
            ("unknown-row-kind", TargetRow(kind: "bus", key: "k", fields: ["externalId": "k"])),
            ("required-field-missing", TargetRow(kind: "class", key: "k", fields: ["externalId": "k"])),
            ("relation-end-missing", TargetRow(kind: "guardian_for", key: "k", fields: ["from": "Łukasz"])),
        ]
        for (code, row) in cases {
            try await UnikumFolder.with { folder in
                let connector = try folder.connector {
                    $0.set("objects", "encoding", "iso-8859-1")
                    $0.set("objects", "required", ["class": ["externalId", "name"]])
                }
                let batch = TargetBatch(
                    id: "000001-a",
                    writes: [
                        Self.write("bad", set: [Self.relation("guardian_for", "a", "b"), row]),
                        Self.write("good", set: [Self.school]),
                    ])
                let refused = try await connector.write(batch)
                #expect(refused.keys.map(\.id) == ["bad"])
                #expect(refused.values.first?.kind == .rejected)
                #expect(refused.values.first?.code == code)
                #expect(refused.values.first?.message.contains("ukasz") == false)
                #expect(try folder.names == [Self.names[0]], "no relations of the refused record")
            }
        }
    }

    @Test func `removals come before additions, each in the order of the writes`() async throws {
        try await UnikumFolder.with { folder in
            let batch = TargetBatch(
                id: "000001-a",
                writes: [
                    Self.write(
                        "p", set: [Self.relation("student_in_class", "p", "new")],
                        removed: [Self.relation("student_in_class", "p", "old")]),
                    Self.write(
                        "k", set: [Self.relation("class_in_school", "k", "s2")],
                        removed: [Self.relation("class_in_school", "k", "s1"), Self.schoolClass]),
                ])
            _ = try await folder.connector().write(batch)
            #expect(try folder.names == [Self.names[1]], "no file for an empty set")
            #expect(
                try folder.text(Self.names[1]).split(separator: "\n") == [
                    "remove\tstudent_in_class\tp\told", "remove\tclass_in_school\tk\ts1", "add\tstudent_in_class\tp\tnew",
                    "add\tclass_in_school\tk\ts2",
                ])
        }
    }

    @Test func `within one record the later write counts, across records what is set stands`() async throws {
        try await UnikumFolder.with { folder in
            let row = Self.relation("student_in_class", "p", "k")
            let other = Self.relation("guardian_for", "g", "p")
            let batch = TargetBatch(
                id: "000001-a",
                writes: [
                    Self.write("1", set: [row, other]), Self.write("1", removed: [row]), Self.write("2", removed: [other]),
                ])
            _ = try await folder.connector().write(batch)
            #expect(
                try folder.text(Self.names[1]).split(separator: "\n")
                    == ["remove\tstudent_in_class\tp\tk", "add\tguardian_for\tg\tp"])
        }
    }
}
