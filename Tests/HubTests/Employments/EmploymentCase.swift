import StandIns
import Testing

/// A case of employments: what the personnel system says, file after file, and what is to come of it.
struct EmploymentCase: Sendable, CustomTestStringConvertible {
    /// As `docs/systems/hr.md` calls it.
    let name: String
    let files: [[HREmployment]]
    /// Messages to Edlevo, one a line.
    var messages: [String] = []
    var duties: [String] = []
    /// In Unikum and Skola24, on the day.
    var roles: [String] = []
    var failures: [String] = []

    var testDescription: String { self.name }

    /// A row of the file.
    static func row(
        _ number: String, _ unit: String, _ title: String = "2752", from start: String = "2025-08-01", to end: String = "",
        by change: (inout HREmployment) -> Void = { _ in }
    ) -> HREmployment {
        var row = HREmployment(number, of: EmploymentWorld.number, at: "U\(unit)", as: title, from: start)
        row.end = end
        change(&row)
        return row
    }

    /// Parental leave.
    static func leave(_ start: String, _ end: String) -> (inout HREmployment) -> Void {
        { ($0.leaveKind, $0.leaveStart, $0.leaveEnd) = ("FL", start, end) }
    }

    static let teacherA = ["skola24/lärare A", "unikum/pedagog A"]
    static let teacherB = ["skola24/lärare B", "unikum/pedagog B"]
    static let teacherBoth = ["skola24/lärare A", "skola24/lärare B", "unikum/pedagog A", "unikum/pedagog B"]

    static let all: [EmploymentCase] = Self.several + Self.time + Self.leaves + Self.changes + Self.faults

    private static let several: [EmploymentCase] = [
        .init(
            name: "two jobs at two schools",
            files: [[Self.row("A1", "A") { $0.percent = "50,00" }, Self.row("A2", "B") { $0.percent = "50,00" }]],
            messages: ["A1[A 2025-08-01..] A2[B 2025-08-01..]"],
            duties: ["A Lärare 50 % 2025-08-01..", "B Lärare 50 % 2025-08-01.."], roles: Self.teacherBoth),
        .init(
            name: "one employment at two places",
            files: [[Self.row("A1", "A") { $0.percent = "60,00" }, Self.row("A1", "B") { $0.percent = "40,00" }]],
            messages: ["A1[A 2025-08-01.., B 2025-08-01..]"],
            duties: ["A Lärare 60 % 2025-08-01..", "B Lärare 40 % 2025-08-01.."], roles: Self.teacherBoth),
        .init(
            name: "overlap at one school",
            files: [[Self.row("A1", "A", to: "2026-12-31"), Self.row("A2", "A", from: "2026-08-01")]],
            messages: ["A2[A 2026-08-01..] A1[A 2025-08-01..2026-12-31]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-12-31", "A Lärare 100 % 2026-08-01.."], roles: Self.teacherA),
        .init(
            name: "two titles at one school",
            files: [[Self.row("A1", "A"), Self.row("A2", "A", "2253")]],
            messages: ["A1[A 2025-08-01..] A2[A 2025-08-01..]"],
            duties: ["A Bibliotekarie 100 % 2025-08-01..", "A Lärare 100 % 2025-08-01.."],
            roles: ["skola24/lärare A", "unikum/pedagog A", "unikum/personal A"]),
        .init(
            name: "a place outside of the schools",
            files: [[Self.row("A1", "A"), Self.row("A2", "") { $0.unit = "EX90" }]],
            messages: ["A1[A 2025-08-01..]"], duties: ["A Lärare 100 % 2025-08-01.."], roles: Self.teacherA),
        .init(
            name: "the same row twice", files: [[Self.row("A1", "A"), Self.row("A1", "A")]],
            messages: ["A1[A 2025-08-01..]"], duties: ["A Lärare 100 % 2025-08-01.."], roles: Self.teacherA),
    ]

    private static let time: [EmploymentCase] = [
        .init(
            name: "a gap between two",
            files: [[Self.row("A1", "A", to: "2026-06-12"), Self.row("A2", "A", from: "2026-10-01")]],
            messages: ["A2[A 2026-10-01..] A1[A 2025-08-01..2026-06-12]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-06-12", "A Lärare 100 % 2026-10-01.."]),
        .init(
            name: "open ends in all forms",
            files: [[Self.row("A1", "A"), Self.row("A2", "A", to: "9999-12-31"), Self.row("A3", "A", to: "99991231")]],
            messages: ["A1[A 2025-08-01..] A2[A 2025-08-01..] A3[A 2025-08-01..]"],
            duties: Array(repeating: "A Lärare 100 % 2025-08-01..", count: 3), roles: Self.teacherA),
        .init(
            name: "begins in eleven days", files: [[Self.row("A1", "A", from: "2026-08-28")]],
            messages: ["A1[A 2026-08-28..]"], duties: ["A Lärare 100 % 2026-08-28.."], roles: Self.teacherA),
        .init(
            name: "begins in October", files: [[Self.row("A1", "A", from: "2026-10-01")]],
            messages: ["A1[A 2026-10-01..]"], duties: ["A Lärare 100 % 2026-10-01.."]),
        .init(
            name: "substitute for twelve days",
            files: [[Self.row("A1", "A", from: "2026-08-17", to: "2026-08-28") { $0.type = "vikariat" }]],
            messages: ["A1[A 2026-08-17..2026-08-28]"], duties: ["A Lärare 100 % 2026-08-17..2026-08-28"],
            roles: ["skola24/lärare A"]),
    ]

    private static let leaves: [EmploymentCase] = [
        .init(
            name: "on leave", files: [[Self.row("A1", "A", by: Self.leave("2026-06-01", "2027-01-10"))]],
            messages: ["A1[A 2025-08-01..2026-05-31, A 2027-01-11..]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-05-31", "A Lärare 100 % 2027-01-11.."]),
        .init(
            name: "on leave from one of two jobs",
            files: [[Self.row("A1", "A", by: Self.leave("2026-06-01", "2027-01-10")), Self.row("A2", "B")]],
            messages: ["A1[A 2025-08-01..2026-05-31, A 2027-01-11..] A2[B 2025-08-01..]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-05-31", "A Lärare 100 % 2027-01-11..", "B Lärare 100 % 2025-08-01.."],
            roles: Self.teacherB),
        .init(
            name: "two leaves of one employment",
            files: [
                [
                    Self.row("A1", "A", by: Self.leave("2026-03-01", "2026-05-31")),
                    Self.row("A1", "A", by: Self.leave("2026-10-01", "2026-12-31")),
                ]
            ],
            messages: ["A1[A 2025-08-01..2026-02-28, A 2026-06-01..2026-09-30, A 2027-01-01..]"],
            duties: [
                "A Lärare 100 % 2025-08-01..2026-02-28", "A Lärare 100 % 2026-06-01..2026-09-30", "A Lärare 100 % 2027-01-01..",
            ], roles: Self.teacherA),
        .init(
            name: "the leave is called off",
            files: [[Self.row("A1", "A", by: Self.leave("2026-06-01", "2027-01-10"))], [Self.row("A1", "A")]],
            messages: [
                "A1[A 2025-08-01..2026-05-31, A 2027-01-11..]", "A1[A 2025-08-01.., A 2027-01-11..2027-01-11]",
            ],
            duties: ["A Lärare 100 % 2025-08-01..", "A Lärare 100 % 2027-01-11..2027-01-11"], roles: Self.teacherA),
        .init(
            name: "resigns while on leave",
            files: [
                [Self.row("A1", "A", by: Self.leave("2026-06-01", "2027-01-10"))],
                [Self.row("A1", "A", to: "2026-11-30", by: Self.leave("2026-06-01", "2027-01-10"))],
            ],
            messages: [
                "A1[A 2025-08-01..2026-05-31, A 2027-01-11..]", "A1[A 2025-08-01..2026-05-31, A 2026-11-30..2026-11-30]",
            ],
            duties: ["A Lärare 100 % 2025-08-01..2026-05-31", "A Lärare 100 % 2026-11-30..2026-11-30"]),
    ]

    private static let changes: [EmploymentCase] = [
        .init(
            name: "from one school to the other",
            files: [[Self.row("A1", "A")], [Self.row("A1", "A", to: "2026-08-23"), Self.row("A2", "B", from: "2026-08-24")]],
            messages: ["A1[A 2025-08-01..]", "A2[B 2026-08-24..] A1[A 2025-08-01..2026-08-23]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-08-23", "B Lärare 100 % 2026-08-24.."], roles: Self.teacherBoth),
        .init(
            name: "an end that is told of late",
            files: [[Self.row("A1", "A")], [Self.row("A1", "A", to: "2026-06-12")]],
            messages: ["A1[A 2025-08-01..]", "A1[A 2025-08-01..2026-06-12]"], duties: ["A Lärare 100 % 2025-08-01..2026-06-12"]),
        .init(
            name: "employed again under a new number",
            files: [
                [Self.row("A1", "A", to: "2026-06-12")],
                [Self.row("A1", "A", to: "2026-06-12"), Self.row("A0", "A", from: "2026-08-10")],
            ],
            messages: ["A1[A 2025-08-01..2026-06-12]", "A0[A 2026-08-10..]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-06-12", "A Lärare 100 % 2026-08-10.."], roles: Self.teacherA),
        .init(
            name: "another title in the middle of the term",
            files: [
                [Self.row("A1", "A")],
                [Self.row("A1", "A", to: "2026-08-16"), Self.row("A1", "A", "2720", from: "2026-08-17")],
            ],
            messages: ["A1[A 2025-08-01..]", "A1[A 2025-08-01..2026-08-16, A 2026-08-17..]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-08-16", "A Skoladministratör 100 % 2026-08-17.."],
            roles: ["skola24/kanslist A", "skola24/lärare A", "unikum/skoladministratör A"]),
        .init(
            name: "a title that is corrected", files: [[Self.row("A1", "A")], [Self.row("A1", "A", "2720")]],
            messages: ["A1[A 2025-08-01..]", "A1[A 2025-08-01..]"], duties: ["A Skoladministratör 100 % 2025-08-01.."],
            roles: ["skola24/kanslist A", "unikum/skoladministratör A"]),
        .init(
            name: "another share of full time", files: [[Self.row("A1", "A")], [Self.row("A1", "A") { $0.percent = "75,00" }]],
            messages: ["A1[A 2025-08-01..]", "A1[A 2025-08-01..]"], duties: ["A Lärare 75 % 2025-08-01.."],
            roles: Self.teacherA),
        .init(
            name: "the place has become another", files: [[Self.row("A1", "A")], [Self.row("A1", "B")]],
            messages: ["A1[A 2025-08-01..]", "A1[A 2025-08-01..2026-08-16, B 2025-08-01..]"],
            duties: ["A Lärare 100 % 2025-08-01..2026-08-16", "B Lärare 100 % 2025-08-01.."], roles: Self.teacherBoth),
        .init(
            name: "vanishes from the file", files: [[Self.row("A1", "A"), Self.row("A2", "B")], [Self.row("A2", "B")]],
            messages: ["A1[A 2025-08-01..] A2[B 2025-08-01..]"],
            duties: ["A Lärare 100 % 2025-08-01..", "B Lärare 100 % 2025-08-01.."], roles: Self.teacherBoth),
    ]

    private static let faults: [EmploymentCase] = [
        .init(
            name: "a place that nobody has mapped", files: [[Self.row("A1", "A"), Self.row("A2", "Z")]],
            failures: ["intake value-without-code"]),
        .init(
            name: "a title that nobody has mapped", files: [[Self.row("A1", "A", "9998")]],
            failures: ["delivery value-without-code"]),
        .init(
            name: "ends before it begins", files: [[Self.row("A1", "A", from: "2026-08-17", to: "2026-08-01")]],
            failures: ["intake invalid-field"]),
        .init(
            name: "no identity number", files: [[Self.row("A1", "A") { $0.identityNumber = "" }]],
            failures: ["intake mandatory-missing"]),
        .init(name: "protected in the personnel system", files: [[Self.row("A1", "A") { $0.mark = "J" }]]),
    ]
}
