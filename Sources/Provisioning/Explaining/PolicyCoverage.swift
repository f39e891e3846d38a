import Mapping
import SchoolRecords

/// What a policy comes to for the people there are: which rules apply to nobody, and for whom nothing follows.
public struct PolicyCoverage: Sendable, Hashable {
    /// Duties of one kind that no rule gives anything for.
    public struct Silent: Sendable, Hashable, Comparable {
        public let dutyRole: String
        public let titleCode: String?

        public static func < (left: Silent, right: Silent) -> Bool {
            (left.dutyRole, left.titleCode ?? "") < (right.dutyRole, right.titleCode ?? "")
        }
    }

    /// Rule → to how many records it applies on the day.
    public let rules: [String: Int]
    /// Duties on the day that give nothing, by duty role and title code.
    public let silent: [Silent: Int]
    /// Title codes of duties on the day that `codes/title_code.csv` lacks.
    public let unknownTitles: [String: Int]
    /// Duties on the day without title code.
    public let missingTitles: Int

    /// Rules that apply to nobody, in the order of their names.
    public var idleRules: [String] { self.rules.filter { $0.value == 0 }.map(\.key).sorted() }
}

extension RolePlanner {
    /// What the policy comes to on the day.
    public func coverage() -> PolicyCoverage {
        var rules = Dictionary(uniqueKeysWithValues: self.policy.rules.map { ($0.name, 0) })
        var silent: [PolicyCoverage.Silent: Int] = [:]
        var unknown: [String: Int] = [:]
        var missing = 0
        for person in self.everybody where self.index.persons[person]?.isDeceased != true {
            var giving: Set<RecordKey> = []
            var duties: [RoleSource] = []
            for source in self.index.sources(of: person) {
                if source.base == .duty, isWithin(self.date, source.first, source.last) { duties.append(source) }
                for rule in self.decider.rules.rules(for: source) where rule.conditions.allSatisfy(source.passes) {
                    let (first, last) = source.window(rule)
                    guard isWithin(self.date, first, last) else { continue }
                    rules[rule.name, default: 0] += 1
                    giving.insert(source.key)
                }
            }
            for duty in duties {
                if let code = duty.titleCode {
                    if self.policy.vocabulary.titleCodes[code] == nil { unknown[code, default: 0] += 1 }
                } else {
                    missing += 1
                }
                if !giving.contains(duty.key) {
                    silent[.init(dutyRole: duty.dutyRole ?? "", titleCode: duty.titleCode), default: 0] += 1
                }
            }
        }
        return PolicyCoverage(rules: rules, silent: silent, unknownTitles: unknown, missingTitles: missing)
    }
}
