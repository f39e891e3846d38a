import ConnectorKit
import Hub
import SchoolRecords

/// What the API doesn't do, and what to do instead (RFC 9457). Nothing in it is about a person, and nothing that was sent is repeated.
struct APIProblem: Error, Sendable {
    let status: Int
    /// A stable word.
    let code: String
    let title: Bilingual
    let detail: Bilingual
    /// What to do.
    let remedy: Bilingual
    var faults: [APIFault] = []
    /// Whole seconds until another try makes sense.
    var retryAfter: Int?
    /// The methods that there are.
    var allow: String?
    /// More that belongs to this kind of problem.
    var report: JSONValue?

    init(_ status: Int, _ code: String, title: Bilingual, detail: Bilingual, remedy: Bilingual) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.remedy = remedy
    }

    /// As the contract has it.
    static let fields = [
        APIField("type", .text(most: 200), isRequired: true, "`urn:knutpunkt:problem:` and the code."),
        APIField("title", .text(most: 200), isRequired: true, "What is wrong, in one line: the same for each code."),
        APIField("status", .integer(400...599), isRequired: true, "The HTTP status."),
        APIField("detail", .text(most: 10_000), isRequired: true, "What is wrong this time."),
        APIField("code", .text(most: 100), isRequired: true, "A stable word for programs."),
        APIField("remedy", .text(most: 1000), isRequired: true, "What to do."),
        APIField(
            "errors",
            .list(
                of: .object([
                    APIField(
                        "pointer", .text(most: 1000), isRequired: true,
                        "A JSON pointer into the body, or the name of a parameter."),
                    APIField("detail", .text(most: 1000), isRequired: true, "What is wrong there."),
                ])), "Each place that is wrong."),
        APIField("report", .any, "Of what was handed in and refused as a whole: what is wrong row by row."),
    ]

    static let kind = APIKind.shape("Problem", Self.fields)

    func json(_ language: Language) -> JSONValue {
        var fields: [String: JSONValue] = [
            "type": .string("urn:knutpunkt:problem:\(self.code)"), "title": .string(self.title(language)),
            "status": .integer(Int64(self.status)), "detail": .string(self.detail(language)), "code": .string(self.code),
            "remedy": .string(self.remedy(language)),
        ]
        if !self.faults.isEmpty {
            fields["errors"] = .array(
                self.faults.map { ["pointer": .string($0.pointer), "detail": .string($0.text(language))] })
        }
        if let report { fields["report"] = report }
        return .object(fields)
    }
}
