public import Hub
import Reconciliation
import SchoolRecords

/// A finding as it is told in JSON and CSV.
public struct ToldFinding: Sendable, Encodable {
    public struct Field: Sendable, Encodable {
        let name: String
        let nature: String
        let expected: String?
        let held: String?
    }

    let run: String
    let number: Int
    let system: String
    let kind: String
    let key: String?
    let situation: String
    let cause: String
    let remedy: String
    let todo: String
    let owner: String
    let record: String?
    let unit: String?
    let school: String?
    let authority: String?
    let behind: Int
    let message: Int64?
    let code: String?
    let held: String?
    let awaited: String?
    let otherKey: String?
    let confidence: Double?
    let fields: [Field]
    let since: String
    let repair: String?

    /// - Parameter withValues: also keys and what fields hold: personal data.
    public init(_ kept: KeptFinding, _ words: ReconcileWords, withValues: Bool) {
        let finding = kept.finding
        self.run = kept.run
        self.number = kept.number
        self.system = finding.system
        self.kind = finding.kind
        self.key = withValues ? finding.key : nil
        self.situation = finding.situation.rawValue
        self.cause = finding.cause.rawValue
        self.remedy = finding.remedy.rawValue
        self.todo = words.remedy(finding, run: kept.run, number: kept.number)
        self.owner = finding.owner.rawValue
        self.record = finding.record?.description
        self.unit = finding.unit
        self.school = finding.unit.map { words.unit($0) }
        self.authority = finding.authority
        self.behind = finding.behind
        self.message = finding.message
        self.code = finding.code
        self.held = finding.held
        self.awaited = finding.awaited?.description
        self.otherKey = withValues ? finding.otherKey : nil
        self.confidence = finding.confidence
        self.fields = finding.fields.map {
            Field(
                name: $0.name, nature: $0.nature.rawValue, expected: withValues ? $0.expected : nil,
                held: withValues ? $0.held : nil)
        }
        self.since = kept.firstAt
        self.repair = kept.repair
    }

    /// One finding a line, with a header.
    public static func csv(_ findings: [ToldFinding]) -> String {
        let header = [
            "run", "number", "owner", "system", "kind", "situation", "cause", "fields", "record", "school", "authority", "since",
            "todo",
        ]
        let rows = findings.map { finding in
            [
                finding.run, String(finding.number), finding.owner, finding.system, finding.kind, finding.situation,
                finding.cause,
                finding.fields.map { "\($0.name) (\($0.nature))" }.joined(separator: ", "), finding.record ?? "",
                finding.school ?? "",
                finding.authority ?? "", finding.since, finding.todo,
            ]
        }
        return CSVText.lines([header] + rows)
    }
}
