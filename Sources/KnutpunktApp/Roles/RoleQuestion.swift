public import ConnectorKit
public import Hub
public import Mapping
public import Provisioning
public import SchoolRecords

/// A policy and a population on a day, and what of it is asked about.
public struct RoleQuestion: Sendable {
    public let planner: RolePlanner
    public let policy: RolePolicy
    public let date: CalendarDate
    /// `nil` = all that the policy knows.
    public let systems: Set<String>?
    /// Ids of units; `nil` = all.
    public let units: Set<String>?
    public let words: RoleWords

    /// Why nothing can be asked so, for whoever asks.
    public enum Problem: Error, Sendable, Hashable {
        case unknownSystem(String, known: [String])
        case noTerm(String)

        public var text: Bilingual {
            switch self {
            case .unknownSystem(let system, let known):
                let names = known.joined(separator: ", ")
                return Bilingual(
                    sv: "\(system): Mappings/roles har inget sådant system. Det finns: \(names)",
                    en: "\(system): Mappings/roles has no such system. There are: \(names)")
            case .noTerm(let term):
                return Bilingual(
                    sv: "\(term) är ingen termin: skriv HT2026 eller VT2027.", en: "\(term) is no term: write HT2026 or VT2027.")
            }
        }
    }

    /// The plan that answers it.
    public func plan(term: String?) -> RolePlan { self.planner.plan(term: term, systems: self.systems, units: self.units) }
}

extension HubContext {
    /// Reads what a question about roles is answered from.
    ///
    /// - Parameters:
    ///   - term: e.g. `HT2026`; without a day of its own, the term's day that is nearest to today.
    ///   - units: schools and units by code, name or id; a school brings its units; empty = all.
    ///   - policy: a file to take instead of `roles.yaml`: what if.
    ///   - withNames: also what persons are called. Ask for permission first.
    /// - Throws: ``RoleQuestion/Problem``; ``AppError`` when there is no policy, or no such unit.
    public func roleQuestion(
        term: String? = nil, at date: CalendarDate? = nil, systems: Set<String> = [], units: [String] = [],
        policy file: String? = nil, withNames: Bool = false, in language: Language, clock: HubClock = .system
    ) async throws -> RoleQuestion {
        let policy = try self.rolePolicy(file)
        for system in systems.sorted() where policy.vocabulary.catalogs[system] == nil {
            throw RoleQuestion.Problem.unknownSystem(system, known: policy.vocabulary.catalogs.keys.sorted())
        }
        let today = clock.calendarDate
        var day = date ?? today
        if let term {
            guard let days = policy.term(term) else { throw RoleQuestion.Problem.noTerm(term) }
            if date == nil { day = min(max(today, days.first), days.last) }
        }
        let units = try await self.units(named: units)
        let reading = try await self.roleReading(withNames: withNames)
        return RoleQuestion(
            planner: RolePlanner(policy: policy, population: reading.population, held: reading.held, date: day), policy: policy,
            date: day, systems: systems.isEmpty ? nil : systems, units: units, words: RoleWords(language, reading))
    }
}

extension RolePolicy {
    /// A role that a system has.
    ///
    /// - Throws: ``AppError`` naming those that there are.
    public func known(_ role: RoleName) throws -> RoleName {
        guard self.vocabulary.role(role) != nil else {
            let known = self.vocabulary.catalogs[role.system]?.roles.keys.sorted().joined(separator: ", ") ?? "-"
            throw AppError(
                .notFound, sv: "Det finns ingen roll \(role) i Mappings/roles. Det finns: \(known)",
                en: "There is no role \(role) in Mappings/roles. There are: \(known)")
        }
        return role
    }
}
