public import Reconciliation
import SchoolRecords

/// The field matrix as a table: a line for each field of a record, a column for each system.
public struct FieldTable: Sendable {
    /// A field of a record.
    public struct Row: Sendable {
        public let field: FieldLine.Origin
        /// What the master's mapping does with it; `nil` when no system in use gives it.
        public let master: (system: String, line: FieldLine)?
        /// System → what it is given of it.
        public let given: [String: [FieldLine]]
    }

    /// The systems that are given something.
    public let systems: [String]
    public let rows: [Row]
    /// Places of systems that nothing fills.
    public let unfilled: [FieldLine]

    public init(_ lines: [FieldLine]) {
        let targets = lines.filter { $0.direction == .target && $0.nature != .lost }
        self.systems = Set(targets.map(\.system)).sorted()
        var masters: [FieldLine.Origin: (system: String, line: FieldLine)] = [:]
        for line in lines where line.direction == .source {
            guard let entity = line.entity else { continue }
            masters[FieldLine.Origin(entity, line.field)] = (line.system, line)
        }
        var given: [FieldLine.Origin: [String: [FieldLine]]] = [:]
        for line in targets {
            for origin in line.origins { given[origin, default: [:]][line.system, default: []].append(line) }
        }
        self.rows = Set(masters.keys).union(given.keys).sorted().map {
            Row(field: $0, master: masters[$0], given: given[$0] ?? [:])
        }
        self.unfilled = lines.filter { $0.nature == .lost }
    }

    /// Whether the probe has got a field back as it should be: `nil` when it hasn't tried it there.
    public static func isProven(_ lines: [FieldLine]?, _ probe: ProbeReport?, _ findings: [ProbeFinding]) -> Bool? {
        guard let lines, let probe, let first = lines.first else { return nil }
        let fields = Set(lines.map { "\($0.kind).\($0.field)" })
        let isWrong = findings.contains {
            $0.system == first.system && $0.hop != .reading && fields.contains("\($0.kind).\($0.field ?? "")")
        }
        if isWrong { return false }
        return probe.proven[first.system]?.isSuperset(of: fields) == true ? true : nil
    }

    /// The worst that happens to a field on its way to a system; `nil` when the system isn't given it.
    public static func worst(_ lines: [FieldLine]?) -> FieldLine.Nature? {
        let order = FieldLine.Nature.allCases
        return lines?.map(\.nature).max { (order.firstIndex(of: $0) ?? 0) < (order.firstIndex(of: $1) ?? 0) }
    }
}
