public import Hub
public import Reconciliation
import SchoolRecords

/// What is known of how the systems play together: figures, fields, and what was found to be otherwise.
public struct InteropReport: Sendable, Codable {
    /// RFC 3339 in UTC.
    public let at: String
    public var matrix: InteropMatrix
    /// The field matrix; left out unless it was asked for.
    public var fields: [FieldLine]?
    /// Whether there is an `agreed-fields.json` to hold the mappings against.
    public var isAgreed: Bool
    /// What is wrong with the mappings, and what the probe found.
    public var findings: [ProbeFinding]
    /// The probe that was run, or the last one.
    public var probe: ProbeReport?
    /// When the last probe began, when it was cut off: RFC 3339 in UTC.
    public var interrupted: String?
    /// The percentage that agreement must not be under.
    public var limit: Double

    /// Cells that agree less than they must.
    public var under: [InteropMatrix.Cell] { self.matrix.under(self.limit) }

    /// Whether something differs: a field, or more of what a system holds than is allowed.
    public var differs: Bool {
        !self.findings.isEmpty || !self.under.isEmpty || self.probe?.isClean == false
    }

    public init(
        at: String, matrix: InteropMatrix, fields: [FieldLine]? = nil, isAgreed: Bool, findings: [ProbeFinding],
        probe: ProbeReport? = nil, interrupted: String? = nil, limit: Double
    ) {
        self.at = at
        self.matrix = matrix
        self.fields = fields
        self.isAgreed = isAgreed
        self.findings = findings
        self.probe = probe
        self.interrupted = interrupted
        self.limit = limit
    }
}

extension InteropReport {
    /// What a probe is about to do, for whoever waits.
    public static func progress(_ phase: ProbeFinding.Phase, _ language: Language) -> String {
        "\(language(sv: "Sonden", en: "The probe")): \(InteropWords(language).phase(phase))"
    }

    /// What the mappings' own faults and a probe's findings come to: one for each field, the first on its way.
    ///
    /// - Parameter systems: only these; `nil` = all.
    public static func findings(_ check: FieldCheck, _ probe: ProbeReport?, systems: Set<String>?) -> [ProbeFinding] {
        ProbeFinding.first(of: check.findings + (probe?.findings ?? [])).filter { systems?.contains($0.system) ?? true }
    }
}
