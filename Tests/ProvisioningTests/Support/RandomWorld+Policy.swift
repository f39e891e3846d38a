import Mapping
import SchoolRecords

extension RandomWorld {
    mutating func makePolicy() -> RolePolicy {
        var line = 0
        func place() -> RulePlace {
            line += 10
            return RulePlace(file: "roles.yaml", line: line)
        }
        let rules = (0..<self.number(4...14)).map { order in
            let base = self.pick(RoleBase.allCases + [.duty, .duty, .assignment])
            let gifts = (0..<self.number(1...3)).map { _ in
                RoleRule.Gift(self.roleName(), self.pick(base.scopes), place: place())
            }
            return RoleRule(
                name: "rule-\(order)", base: base, conditions: self.conditions(base), gifts: gifts,
                daysBefore: self.number(0...15), daysAfter: self.number(0...10), precedence: self.number(0...2), order: order,
                place: place())
        }
        let denials = (0..<self.number(0...2)).map { number in
            let base = self.pick(RoleBase.allCases)
            var roles: Set<RoleName> = [self.roleName()]
            if self.chance(30) { roles.insert(RoleName(system: self.pick(Self.systems), role: "*")) }
            return RoleDenial(
                name: "denial-\(number)", base: base, conditions: self.conditions(base), roles: roles,
                within: self.pick(RoleReach.allCases), place: place())
        }
        let exclusions = (0..<self.number(0...4)).map { number in
            RoleExclusion(
                name: "exclusion-\(number)", roles: [self.roleName(), self.roleName(), self.roleName()],
                within: self.pick(RoleReach.allCases), place: place())
        }
        return RolePolicy(
            rules: rules, denials: denials, exclusions: exclusions, unknownTitles: self.pick([.block, .allow]),
            missingTitles: self.pick([.block, .allow]), unruledRoles: self.chance(80) ? .keep : .revoke,
            vocabulary: self.vocabulary(), version: "policy-\(self.number(0...9))")
    }

    private mutating func vocabulary() -> RoleVocabulary {
        var catalogs: [String: RoleCatalog] = [:]
        for system in Self.systems {
            var roles: [String: RoleCatalog.Role] = [:]
            for role in Self.roles {
                roles[role] = RoleCatalog.Role(
                    name: role, term: role, scopes: RoleScope.allCases, isPrivileged: self.chance(20),
                    place: RulePlace(file: "roles/\(system).yaml", line: 1))
            }
            catalogs[system] = RoleCatalog(
                system: system, title: system, holdsDates: self.chance(70), takesProtected: self.chance(20),
                unitType: self.chance(50) ? .school : nil, roles: roles,
                file: "roles/\(system).yaml")
        }
        return RoleVocabulary(catalogs: catalogs, titleCodes: ["2080": "Lärare", "2070": "Rektor"])
    }

    private mutating func conditions(_ base: RoleBase) -> [RoleCondition] {
        (0..<self.number(0...3)).map { number in
            let fact = self.pick(base.facts)
            return RoleCondition(
                fact, self.test(fact), isException: self.chance(25),
                place: RulePlace(file: "roles.yaml", line: 1000 + number, column: number + 1))
        }
    }

    private mutating func test(_ fact: RoleFact) -> RoleCondition.Test {
        switch fact {
        case .dutyRole: .among(self.some(Self.dutyRoles.map(\.rawValue)))
        case .titleCode: .among(self.some(Self.titles))
        case .assignmentRole: .among(self.some(["Mentor", "Förskollärare"]))
        case .schoolType: .among(self.some(["GR", "FS", "GY", "FTH"]))
        case .organisation: .among(self.some(["s0", "s1", "12345678", "2580", "kommun"]))
        case .organisationType: .among(self.some(["Skola", "Huvudman"]))
        case .groupType: .among(self.some(["Klass", "Avdelning"]))
        case .relation: .among(self.some(["Vårdnadshavare", "God man"]))
        case .schoolYear: .within(self.number(0...3)...self.number(4...9))
        case .percent: .within(self.number(0...60)...self.number(60...100))
        case .dutyDays: self.chance(50) ? .within(self.number(1...50)...Int.max) : .within(0...self.number(1...50))
        }
    }
}
