import Mapping
import Provisioning
import SchoolRecords
import TestChance

/// A small made-up municipality with a made-up policy, in which everything that the policy language has comes up often.
struct RandomWorld {
    var random: SeededRandom
    var population = Population()
    var held = HeldRoles(systems: ["alfa", "beta"])
    var policy: RolePolicy
    /// What the policy gives when nobody has decided anything.
    private var wanted: [GrantKey] = []

    static let date = CalendarDate(year: 2026, month: 8, day: 17)
    static let systems = ["alfa", "beta", "gamma"]
    static let roles = ["r1", "r2", "r3", "r4"]
    static let dutyRoles: [DutyRole] = [.teacher, .head, .childMinder]
    static let titles = ["2080", "2070", "9999"]
    static let schoolTypes: [SchoolType] = [.gr, .fs, .gy]

    init(seed: UInt64) {
        self.random = SeededRandom(seed: seed)
        self.policy = RolePolicy(rules: [])
        self.foundSchools()
        self.addPersons()
        self.addStaff()
        self.policy = self.makePolicy()
        self.addHeld()
        self.decide()
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.random) }
    mutating func chance(_ percent: Int) -> Bool { self.number(1...100) <= percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.number(0...(elements.count - 1))] }
    mutating func some<Element: Hashable>(_ elements: [Element]) -> Set<Element> {
        var chosen = Set(elements.filter { _ in self.chance(50) })
        if chosen.isEmpty { chosen = [self.pick(elements)] }
        return chosen
    }

    /// A day near the one that plans are for.
    mutating func day(_ range: ClosedRange<Int>) -> CalendarDate {
        CalendarDate(daysSinceEpoch: Self.date.daysSinceEpoch + self.number(range))
    }

    // MARK: Records

    static let persons = (0..<14).map { "p\($0)" }
    static let schools = ["s0", "s1", "s2"]
    static let groups = (0..<4).map { "g\($0)" }

    private func organisation(_ json: JSONValue) -> Organisation {
        guard let organisation = try? Organisation(json: json) else { fatalError("a made-up organisation can't be read") }
        return organisation
    }

    private mutating func foundSchools() {
        self.population.organisations = [
            self.organisation(["id": "kommun", "displayName": "K", "organisationType": "Huvudman", "organisationCode": "2580"]),
            self.organisation([
                "id": "s0", "displayName": "S", "organisationType": "Skola", "parentOrganisation": ["id": "kommun"],
            ]),
            self.organisation([
                "id": "u0", "displayName": "U", "organisationType": "Skolenhet", "parentOrganisation": ["id": "s0"],
                "schoolUnitCode": "12345678", "schoolTypes": ["GR", "GY"],
            ]),
            self.organisation(["id": "s1", "displayName": "S", "organisationType": "Skola", "schoolTypes": ["FS"]]),
            self.organisation([
                "id": "s2", "displayName": "S", "organisationType": "Skola", "schoolTypes": ["GY"],
                "parentOrganisation": ["id": "kommun"],
            ]),
        ]
        for id in Self.groups {
            var json: JSONValue = [
                "id": .string(id), "displayName": "G", "organisation": ["id": .string(self.pick(Self.schools + ["u0"]))],
                "groupType": .string(self.pick([GroupType.schoolClass, .department]).rawValue),
                "startDate": .string(self.day(-60 ... -5).description),
                "groupMemberships": .array(
                    Self.persons.suffix(8).filter { _ in self.chance(40) }.map { person in
                        self.period(["person": ["id": .string(person)]], start: -30...20)
                    }),
            ]
            if self.chance(60) { json["schoolType"] = .string(self.pick(Self.schoolTypes).rawValue) }
            guard let group = try? Group(json: json) else { fatalError("a made-up group can't be read") }
            self.population.groups.append(group)
        }
    }

    private mutating func period(_ json: JSONValue, start: ClosedRange<Int>, end: ClosedRange<Int> = -12...30) -> JSONValue {
        var json = json
        json["startDate"] = .string(self.day(start).description)
        if self.chance(60) { json["endDate"] = .string(self.day(end).description) }
        return json
    }

    private mutating func addPersons() {
        for id in Self.persons {
            var json: JSONValue = ["id": .string(id), "givenName": "N", "familyName": "N"]
            if self.chance(8) { json["securityMarking"] = "Sekretessmarkering" }
            if self.chance(4) { json["personStatus"] = "Avliden" }
            json["enrolments"] = .array(
                (0..<self.number(0...2)).map { _ in
                    self.period(
                        [
                            "enroledAt": ["id": .string(self.pick(["u0", "s2"]))],
                            "schoolType": .string(self.pick(Self.schoolTypes).rawValue),
                            "schoolYear": .integer(Int64(self.number(0...9))), "cancelled": .bool(self.chance(10)),
                        ], start: -30...20)
                })
            json["responsibles"] = .array(
                Self.persons.filter { _ in self.chance(10) }.map {
                    ["person": ["id": .string($0)], "relationType": .string(self.pick(["Vårdnadshavare", "God man"]))]
                })
            guard let person = try? Person(json: json) else { fatalError("a made-up person can't be read") }
            self.population.persons.append(PersonFacts(person))
            guard self.chance(25) else { continue }
            var place: JSONValue = self.period(
                [
                    "id": .string("place-\(id)"), "child": ["id": .string(id)],
                    "placedAt": ["id": .string(self.pick(Self.schools))],
                    "schoolType": .string(self.pick(["FS", "FTH"])),
                ], start: -30...20)
            if self.chance(60) { place["group"] = ["id": .string(self.pick(Self.groups))] }
            guard let placement = try? Placement(json: place) else { fatalError("a made-up placement can't be read") }
            self.population.placements.append(placement)
        }
    }

    private mutating func addStaff() {
        for number in 0..<10 {
            var json: JSONValue = self.period(
                [
                    "id": .string("d\(number)"), "person": ["id": .string(self.pick(Self.persons))],
                    "dutyAt": ["id": .string(self.pick(Self.schools + ["u0", "kommun"]))],
                    "dutyRole": .string(self.pick(Self.dutyRoles).rawValue),
                ], start: -40...20)
            if self.chance(80) { json["description"] = .string("\(self.pick(Self.titles)) Titel") }
            if self.chance(50) { json["dutyPercent"] = .integer(Int64(self.number(0...100))) }
            json["assignmentRole"] = .array(
                (0..<self.number(0...2)).map { _ in
                    var role: JSONValue = [
                        "group": ["id": .string(self.pick(Self.groups + ["g-unknown"]))],
                        "assignmentRoleType": .string(self.pick(["Mentor", "Förskollärare"])),
                    ]
                    if self.chance(50) { role = self.period(role, start: -30...20) }
                    return role
                })
            guard let duty = try? Duty(json: json) else { fatalError("a made-up duty can't be read") }
            self.population.duties.append(duty)
        }
        for system in Self.systems where self.chance(50) {
            var accounts: [String: AccountState] = [:]
            for person in Self.persons where self.chance(85) {
                accounts[person] = self.pick([.active, .active, .active, .invited, .suspended])
            }
            self.population.accounts[system] = accounts
        }
    }

    // MARK: Roles

    mutating func roleName() -> RoleName { RoleName(system: self.pick(Self.systems), role: self.pick(Self.roles)) }

    mutating func scope() -> GrantScope {
        switch self.number(0...4) {
        case 0: .municipality
        case 1, 2: .unit(self.pick(Self.schools + ["u0"]))
        case 3: .group(self.pick(Self.groups))
        default: .pupil(self.pick(Self.persons))
        }
    }

    private mutating func addHeld() {
        var seen: Set<GrantKey> = []
        // Half of them what the policy gives anyway, so that much is kept.
        let planner = RolePlanner(
            policy: self.policy, population: self.population, held: HeldRoles(systems: Set(Self.systems)), date: Self.date)
        let wanted = planner.plan().steps.compactMap(\.after)
        for grant in wanted where self.chance(45) && self.held.systems.contains(grant.system) {
            var grant = grant
            if self.chance(25) { grant.endDate = self.day(1...60) }
            if self.chance(25) { grant.startDate = self.day(-60...10) }
            grant.id = "held-\(self.held.grants.count)"
            seen.insert(Self.key(grant))
            self.held.grants.append(grant)
        }
        self.wanted = wanted.map(Self.key)
        for number in 0..<self.number(5...25) {
            let name = RoleName(system: self.pick(["alfa", "beta"]), role: self.pick(Self.roles))
            let person = self.chance(10) ? "stranger\(number)" : self.pick(Self.persons)
            let key = GrantKey(person: person, name: name, scope: self.scope())
            guard seen.insert(key).inserted else { continue }
            let scope = key.scope
            self.held.grants.append(
                RoleGrant(
                    id: "other-\(number)", person: person, system: name.system, role: name.role,
                    organisation: scope.kind == .unit ? scope.id : nil, group: scope.kind == .group ? scope.id : nil,
                    pupil: scope.kind == .pupil ? scope.id : nil, startDate: self.chance(50) ? self.day(-60...10) : nil,
                    endDate: self.chance(50) ? self.day(-10...60) : nil))
        }
    }

    static func key(_ grant: RoleGrant) -> GrantKey {
        let scope: GrantScope =
            grant.pupil.map { .pupil($0.id) } ?? grant.group.map { .group($0.id) }
            ?? grant.organisation.map { $0.id == "kommun" ? .municipality : .unit($0.id) } ?? .municipality
        return GrantKey(person: grant.person.id, name: RoleName(system: grant.system, role: grant.role), scope: scope)
    }

    private mutating func decide() {
        for number in 0..<self.number(0...6) {
            // Half of them about something that a rule gives.
            let given = self.wanted.isEmpty || self.chance(50) ? nil : self.pick(self.wanted)
            let kind: ManualDecision.Kind = self.chance(60) ? .grant : .denial
            guard
                let decision = ManualDecision(
                    id: "m\(number)", kind, person: given?.person ?? self.pick(Self.persons),
                    role: given?.name ?? self.roleName(),
                    scope: given?.scope ?? self.scope(), reason: "made up", by: "somebody",
                    first: self.chance(50) ? self.day(-20...5) : nil,
                    last: kind == .grant || self.chance(50) ? self.day(-5...20) : nil)
            else { continue }
            self.population.decisions.append(decision)
        }
    }
}
