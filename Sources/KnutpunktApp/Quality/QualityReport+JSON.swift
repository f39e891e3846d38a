import Foundation
public import Hub
import Reconciliation
import SchoolRecords

extension QualityReport {
    /// For programs: totals, schools, rules, every finding and the runs before.
    ///
    /// - Throws: `EncodingError`, which doesn't happen: every value is a text or a whole number.
    public func json(_ language: Language) throws -> String { try ReadableJSON.text(Document(self, language)) }

    private struct NumbersDocument: Encodable {
        let examined: Int
        let found: Int
        let blocking: Int
        let warning: Int
        /// Tenths of a per cent.
        let perMille: Int

        init(_ numbers: Numbers) {
            self.examined = numbers.examined
            self.found = numbers.found
            self.blocking = numbers.blocking
            self.warning = numbers.warning
            self.perMille = numbers.tenths
        }
    }

    private struct RunDocument: Encodable {
        let run: Int64
        let time: String
        let total: NumbersDocument
    }

    private struct SchoolDocument: Encodable {
        let school: String?
        let name: String
        let total: NumbersDocument
        let units: [UnitDocument]
    }

    private struct UnitDocument: Encodable {
        let unit: String?
        let name: String
        let code: String?
        let total: NumbersDocument
    }

    private struct RuleDocument: Encodable {
        let rule: String
        let entity: String
        let severity: String
        let owner: String
        let title: String
        let consequence: String
        let remedy: String
        let total: NumbersDocument
        /// Of the run before.
        let before: Int?
    }

    private struct FindingDocument: Encodable {
        let rule: String
        let record: String
        let name: String?
        let unit: String?
        let field: String?
        let related: String?
        let since: String
    }

    private struct Document: Encodable {
        let run: Int64
        let time: String
        let total: NumbersDocument
        let schools: [SchoolDocument]
        let rules: [RuleDocument]
        let findings: [FindingDocument]
        let trend: [RunDocument]
        let silent: [String: [String]]
        let off: [String]
        let unreadable: Int

        init(_ report: QualityReport, _ language: Language) {
            self.run = report.run.number
            self.time = report.run.time
            self.total = NumbersDocument(report.total)
            self.schools = report.schools(language).map { school in
                SchoolDocument(
                    school: school.id, name: school.name, total: NumbersDocument(school.numbers),
                    units: school.units.map { unit in
                        UnitDocument(
                            unit: unit.isEmpty ? nil : unit, name: unit.isEmpty ? school.name : report.name(of: unit),
                            code: report.code(of: unit), total: NumbersDocument(report.latest.units[unit] ?? Numbers()))
                    })
            }
            self.rules = report.rules.map { rule, numbers, before in
                RuleDocument(
                    rule: rule.rawValue, entity: rule.entity.standardName,
                    severity: report.settings.severity(of: rule).rawValue, owner: rule.owner.rawValue,
                    title: rule.title(language), consequence: rule.consequence(language), remedy: rule.remedy(language),
                    total: NumbersDocument(numbers), before: before?.found)
            }
            self.findings = report.findings.map { kept in
                let finding = kept.finding
                return FindingDocument(
                    rule: finding.rule.rawValue, record: "\(finding.key)", name: report.names[finding.key], unit: finding.unit,
                    field: finding.field, related: finding.related, since: kept.since)
            }
            self.trend = report.trend.map {
                RunDocument(run: $0.run.number, time: $0.run.time, total: NumbersDocument($0.total))
            }
            self.silent = report.run.silent
            self.off = report.run.off
            self.unreadable = report.run.unreadable
        }
    }
}
