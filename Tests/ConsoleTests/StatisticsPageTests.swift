import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("The console shows reported lessons")
struct StatisticsPageTests {
    private static let markup = "<script>alert('x')</script>"
    private static let period = "from=2025-09-01&to=2025-10-31"

    /// Three schools with totals for two months; the first has a name that is markup.
    private static func fill(_ world: ConsoleWorld) async throws {
        var records: [(Entity, JSONValue)] = []
        for (number, name) in [Self.markup, "Södra skolan", "Ängskolan"].enumerated() {
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
                        "id": .string(number == 0 ? "school-a" : "u\(number)"), "displayName": .string(name),
                        "organisationType": "Skolenhet", "schoolTypes": ["GR"],
                        "parentOrganisation": ["id": .string("s\(number)")], "schoolUnitCode": .string("1000000\(number)"),
                    ]
                ))
        }
        for (unit, month, scheduled, reported) in [
            ("school-a", "09", 200, 70), ("u1", "09", 300, 300), ("u2", "09", 100, 71), ("school-a", "10", 200, 199),
            ("u1", "10", 300, 90),
        ] as [(String, String, Int64, Int64)] {
            records.append(
                (
                    .lessonReport,
                    [
                        "id": .string("r\(unit)\(month)"), "organisation": ["id": .string(unit)],
                        "startDate": .string("2025-\(month)-01"), "endDate": .string("2025-\(month)-30"),
                        "scheduledLessons": .integer(scheduled), "reportedLessons": .integer(reported),
                    ]
                ))
        }
        try await world.take(records, source: "skola24")
    }

    @Test func `schools stand in the report's brackets month by month, with a picture beside the table`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.fill(world)
            let page = try await world.get("/statistics?\(Self.period)")
            #expect(page.status == 200 && page.body.contains("<svg") && page.body.contains("90-100 %"))
            #expect(page.body.contains("Grundskola") && page.body.contains("35,0 %") && page.body.contains("199/200"))
            #expect(!page.body.contains(Self.markup) && page.body.contains("&lt;script&gt;alert"))
            let english = try await world.get("/statistics?\(Self.period)", headers: [("Accept-Language", "en")])
            #expect(english.body.contains("Compulsory school") && english.body.contains("35.0 %"))
            let csv = try await world.get("/statistics/lessons.csv?\(Self.period)")
            #expect(csv.body.split(whereSeparator: \.isNewline).count == 6)
            let other = try await world.get("/statistics?\(Self.period)&form=upperSecondary")
            #expect(other.body.contains("Inga lektioner eller vistelser"))
        }
    }

    @Test func `a school brings its units; who has one unit sees that one, and its numbers alone`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.fill(world)
            let school = try await world.get("/statistics/lessons.csv?\(Self.period)&unit=s1")
            #expect(school.body.contains("Södra skolan") && !school.body.contains("Ängskolan"))
            let own = try await world.get("/statistics?\(Self.period)", as: ConsoleWorld.asRut)
            #expect(own.status == 200 && own.body.contains("199/200") && !own.body.contains("300/300"))
            #expect(!own.body.contains("Ängskolan") && !own.body.contains("Södra skolan"))
            let csv = try await world.get("/statistics/lessons.csv?\(Self.period)", as: ConsoleWorld.asRut)
            #expect(csv.body.split(whereSeparator: \.isNewline).count == 3)
            #expect(try await world.get("/statistics?\(Self.period)&unit=u1", as: ConsoleWorld.asRut).status == 403)
        }
    }

    @Test(arguments: ["from=2025-10-31&to=2025-09-01", "from=2020-01-01&to=2025-01-01", "from=x&to=2025-01-01"])
    func `a period that is none is told as such, and its text is text`(period: String) async throws {
        try await ConsoleWorld.with { world in
            let page = try await world.get("/statistics?\(period)")
            #expect(page.status == 200 && page.body.contains("högst ett år"))
            #expect(try await world.get("/statistics/lessons.csv?\(period)").status == 404)
        }
    }
}
