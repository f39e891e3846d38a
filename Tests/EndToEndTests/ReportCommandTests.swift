import Foundation
import Hub
import KnutpunktApp
import Logging
import SchoolRecords
import StandIns
import Testing

@Suite("The report on lessons")
struct ReportCommandTests {
    private static func withRegister(_ body: (_ directory: String, _ options: [String]) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = HubConfiguration(dataDirectory: directory + "/data", mappingsDirectory: Program.mappings)
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            var records: [(Entity, JSONValue)] = []
            for (number, name) in ["Norra <skolan>", "=Södra skolan", "Ängskolan"].enumerated() {
                records.append(
                    (
                        .organisation,
                        [
                            "id": .string("s\(number)"), "displayName": .string(name), "organisationType": "Skola",
                            "schoolTypes": ["GR"],
                        ]
                    ))
                records.append(
                    (
                        .organisation,
                        [
                            "id": .string("u\(number)"), "displayName": .string(name), "organisationType": "Skolenhet",
                            "schoolTypes": ["GR"], "parentOrganisation": ["id": .string("s\(number)")],
                            "schoolUnitCode": .string("1000000\(number)"),
                        ]
                    ))
            }
            for (number, month, scheduled, reported) in [
                ("0", "09", 200, 70), ("1", "09", 300, 300), ("2", "09", 100, 71), ("0", "10", 200, 199), ("1", "10", 300, 90),
            ] as [(String, String, Int64, Int64)] {
                records.append(
                    (
                        .lessonReport,
                        [
                            "id": .string("r\(number)\(month)"), "organisation": ["id": .string("u\(number)")],
                            "startDate": .string("2025-\(month)-01"), "endDate": .string("2025-\(month)-30"),
                            "scheduledLessons": .integer(scheduled), "reportedLessons": .integer(reported),
                        ]
                    ))
            }
            let states = try records.map { entity, json in
                let record = try SchoolRecord.validate(entity, json)
                return RecordState(
                    key: RecordKey(entity, record["id"]?.stringValue ?? ""), owner: nil, body: record.canonicalData)
            }
            _ = try await context.store.take(states, withheld: [], failures: [], source: "skola24", time: "2026-08-31T10:00:00Z")
            try await body(directory, ["--data", directory + "/data", "--mappings", Program.mappings, "--lang", "en"])
        }
    }

    private static let period = ["--from", "2025-09-01", "--to", "2025-10-31"]

    @Test func `the table has the report's brackets, each month's lowest, highest and total, and the schools beneath`()
        async throws
    {
        try await Self.withRegister { _, options in
            let table = try await Program.run(["report", "lessons"] + Self.period + options)
            #expect(table.status == 0, "\(table.errors)")
            let rows = table.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            // 70/200 = 35 %, 300/300, 71/100; 199/200 = 99.5 %, 90/300 = 30 %.
            #expect(rows.contains(["2025-09", "0", "1", "0", "0", "1", "1", "3", "73.5", "35.0", "100.0"]))
            #expect(rows.contains(["2025-10", "0", "1", "0", "0", "0", "1", "2", "57.8", "30.0", "99.5"]))
            #expect(rows.contains(["Ängskolan", "71.0", "–"]))
            let swedish = try await Program.run(["report", "lessons"] + Self.period + options.dropLast() + ["sv"])
            #expect(swedish.output.contains("Grundskola: rapporterade lektioner, %"))
            #expect(swedish.output.contains("73,5"))
        }
    }

    @Test func `one month, one school, and what is wrong is said`() async throws {
        try await Self.withRegister { _, options in
            let one = try await Program.run(
                ["report", "lessons", "--month", "2025-10", "--school", "10000001", "--json"] + options)
            let json = try JSONValue(parsing: Data(one.output.utf8))
            #expect(json["rows"]?.arrayValue?.count == 1)
            #expect(json["rows"]?.arrayValue?.first?["share"]?["perMille"] == 300)
            #expect(json["rows"]?.arrayValue?.first?["bracket"] == "30-40")
            // A school's name is its unit's too: the school brings the unit.
            let named = try await Program.run(
                ["report", "lessons", "--month", "2025-09", "--school", "ängskolan", "--format", "csv"] + options)
            #expect(named.status == 0, "\(named.errors)")
            #expect(named.output.split(whereSeparator: \.isNewline).count == 2)
            #expect(named.output.contains(",100,71,71.0,70-90"))
            let nowhere = try await Program.run(["report", "lessons", "--school", "Västra"] + options)
            #expect(nowhere.status == 66)
            #expect(nowhere.errors.contains("Västra"))
            for wrong in [["--month", "2025-13"], ["--from", "2025-09-01"], ["--month", "2025-09"] + Self.period] {
                #expect(try await Program.run(["report", "lessons"] + wrong + options).status == 64)
            }
            let empty = try await Program.run(["report", "lessons", "--month", "2024-01"] + options)
            #expect(empty.status == 0)
            #expect(empty.output.contains("There are no lessons"))
        }
    }

    @Test func `the page is well-formed, stands by itself, has a picture and no script, and is written to a file`() async throws {
        try await Self.withRegister { directory, options in
            let file = directory + "/lessons.html"
            let outcome = try await Program.run(["report", "lessons", "--output", file] + Self.period + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let page = try String(contentsOfFile: file, encoding: .utf8)
            #expect(page.contains("<svg role=\"img\""))
            #expect(page.contains("Norra &lt;skolan&gt;"))
            for word in ["<script", "http://", "https://", "onclick"] where word != "http://" { #expect(!page.contains(word)) }
            #expect(page.contains("35.0 % (70/200)"))
            // The one address is the name of a picture's language.
            #expect(
                page.components(separatedBy: "http://").count == page.components(separatedBy: "http://www.w3.org/2000/svg").count)
            // Bars: three schools in September, in three steps.
            #expect(page.contains("<title>2025-09, 30-40 %: 1</title>"))
            let unwritable = try await Program.run(
                ["report", "lessons", "--output", directory + "/nowhere/x.csv"] + Self.period + options)
            #expect(unwritable.status == 74)
        }
    }

    @Test func `a cell that a spreadsheet would take for a formula isn't one`() async throws {
        try await Self.withRegister { _, options in
            let csv = try await Program.run(["report", "lessons", "--format", "csv"] + Self.period + options)
            #expect(csv.output.contains(",'=Södra skolan,10000001,300,300,100.0,90-100"))
            #expect(csv.output.hasPrefix("Schooling,Month,School,School unit code,Scheduled,Reported,Percent,Bracket\r\n"))
        }
    }
}
