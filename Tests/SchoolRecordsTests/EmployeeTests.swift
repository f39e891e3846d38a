import SchoolRecords
import TestChance
import Testing

@Suite("What follows from what an employer says")
struct EmployeeTests {
    private static func employment(
        _ number: String, _ start: String, _ end: String? = nil, unit: String = "U1", leaves: [(String, String?)] = []
    ) -> JSONValue {
        var fields: JSONValue = [
            "employmentNumber": .string(number), "employmentType": "untilFurther", "startDate": .string(start),
            "unitCode": .string(unit),
        ]
        fields["endDate"] = end.map(JSONValue.string)
        if !leaves.isEmpty {
            fields["leaves"] = .array(
                leaves.map { first, last in
                    var leave: JSONValue = ["startDate": .string(first)]
                    leave["endDate"] = last.map(JSONValue.string)
                    return leave
                })
        }
        return fields
    }

    private static func completed(_ employments: [JSONValue]) throws -> Employee {
        try Employee(json: ["id": "e", "civicNo": ["value": "19800101TF04"], "employments": .array(employments)]).completed()
    }

    private static func periods(_ employment: Employment?) -> [String] {
        (employment?.periods ?? []).map { "\($0.startDate)..\($0.endDate.map { "\($0)" } ?? "")" }
    }

    @Test(
        arguments: [
            ([], ["2026-01-01..2026-12-31"]),
            ([("2026-03-01", "2026-05-31")], ["2026-01-01..2026-02-28", "2026-06-01..2026-12-31"]),
            ([("2025-01-01", "2026-05-31")], ["2026-06-01..2026-12-31"]),
            ([("2026-06-01", nil)], ["2026-01-01..2026-05-31"]),
            ([("2026-06-01", "9999-12-31")], ["2026-01-01..2026-05-31"]),
            ([("2026-01-01", "2027-01-01")], []),
            ([("2027-02-01", "2027-03-01")], ["2026-01-01..2026-12-31"]),
            (
                [("2026-03-01", "2026-05-31"), ("2026-05-01", "2026-06-30"), ("2026-07-01", "2026-07-31")],
                ["2026-01-01..2026-02-28", "2026-08-01..2026-12-31"]
            ),
        ] as [([(String, String?)], [String])])
    func `the times at work are the employment without its leaves`(_ leaves: [(String, String?)], _ periods: [String]) throws {
        let employee = try Self.completed([Self.employment("A1", "2026-01-01", "2026-12-31", leaves: leaves)])
        #expect(Self.periods(employee.employments?.first) == periods)
        // One row for each leave says the same.
        let rows = leaves.map { Self.employment("A1", "2026-01-01", "2026-12-31", leaves: [$0]) }
        if !rows.isEmpty { try #expect(Self.completed(rows.reversed()) == employee) }
        try #expect(employee.completed() == employee)
    }

    @Test func `an employment as a whole spans all its places, and is open when one of them is`() throws {
        let employee = try Self.completed([
            Self.employment("A1", "2026-02-01", "2026-12-31"), Self.employment("A1", "2026-01-01", "2026-06-30", unit: "U2"),
            Self.employment("A2", "2026-03-01", "9999-12-31"), Self.employment("A2", "2026-01-01", "2026-06-30", unit: "U2"),
        ])
        let wholes = Set(
            (employee.employments ?? []).map {
                "\($0.employmentNumber) \($0.wholeStartDate.map { "\($0)" } ?? "")..\($0.wholeEndDate.map { "\($0)" } ?? "")"
            })
        #expect(wholes == ["A1 2026-01-01..2026-12-31", "A2 2026-01-01.."])
    }

    @Test func `the order of rows changes nothing`() throws {
        var random = SeededRandom(seed: 5)
        let rows = (1...6).map { Self.employment("A\($0 % 3)", "2026-0\($0)-01", unit: "U\($0 % 2)") }
        let first = try Self.completed(rows)
        for _ in 0..<20 { try #expect(Self.completed(rows.shuffled(using: &random)) == first) }
    }

    @Test func `what ends before it begins is refused by its field`() {
        let wrong = [
            ("employments[1].endDate", [Self.employment("A1", "2026-01-01"), Self.employment("A2", "2026-01-02", "2026-01-01")]),
            ("employments[0].leaves.endDate", [Self.employment("A1", "2026-01-01", leaves: [("2026-03-02", "2026-03-01")])]),
        ]
        for (field, employments) in wrong {
            #expect(throws: RecordError(entity: .employee, field: field, problem: "is before the startDate")) {
                try Self.completed(employments)
            }
        }
    }
}
