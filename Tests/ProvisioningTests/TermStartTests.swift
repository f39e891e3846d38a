import Hub
import Mapping
import Provisioning
import SchoolRecords
import Testing

@Suite("Roles at term start")
struct TermStartTests {
    @Test func `a head of two schools leads both`() throws {
        var town = try Town()
        try town.employ("head", "d1", at: "north", "Rektor", title: "2070 Rektor")
        try town.employ("head", "d2", at: "south", "Rektor", title: "2070 Rektor")
        let lines = town.planner.plan(systems: ["skola24", "tempus"]).steps.map(\.line)
        #expect(lines == ["+ skola24/rektor unit/north", "+ skola24/rektor unit/south", "+ tempus/rektor unit/south"])
        let entry = try #require(town.planner.explain("head", system: "skola24").first)
        let reason = try #require(entry.reasons.first)
        #expect(reason.source == RecordKey(.duty, "d1") && reason.rule == "heads-of-schools")
        let rule = try #require(town.policy.rules.first { $0.name == "heads-of-schools" })
        #expect(
            reason.place == rule.place && entry.after?.rule == "roles.yaml:\(rule.place.line)" && entry.after?.duty?.id == "d1")
        #expect(entry.marks == [.privilegedRole])
    }

    @Test func `a role at a unit holds at what the system calls a school`() throws {
        var town = try Town()
        town.population.organisations.append(
            try Organisation(json: [
                "id": "unit", "displayName": "North 7-9", "organisationType": "Skolenhet", "schoolTypes": ["GR"],
                "parentOrganisation": ["id": "north"],
            ]))
        try town.employ("t", "d1", at: "unit")
        let lines = town.planner.plan(systems: ["skola24", "unikum"]).steps.map(\.line)
        #expect(lines == ["+ skola24/lärare unit/unit", "+ unikum/pedagog unit/north"])
        town.apply()
        #expect(town.planner.plan().isEmpty)
        // Two units of a school are one school there, and what must not meet there doesn't.
        try town.employ("t", "d2", at: "north")
        #expect(town.planner.plan(systems: ["unikum"]).isEmpty)
        try town.employ("a", "d3", at: "unit", "Skoladministratör", title: "2720 Skoladministratör")
        try town.employ("a", "d4", at: "north")
        #expect(
            town.planner.explain("a", system: "unikum").map(\.line) == [
                "! unikum/pedagog unit/north", "+ unikum/skoladministratör unit/north",
            ])
        town.grants.removeAll { $0.person.id == "t" && $0.system == "unikum" }
        let decision = try #require(
            ManualDecision(
                id: "m1", .denial, person: "t", role: Town.role("unikum/pedagog"), scope: .unit("unit"), reason: "leave",
                by: "head",
                last: nil))
        town.population.decisions.append(decision)
        #expect(town.planner.explain("t", system: "unikum").map(\.block) == [.deniedByHand("m1")])
    }

    @Test func `who moves between schools gets the new role before the old one goes`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north", to: "2026-08-10")
        town.hold("t", "tempus/personal", at: "north")
        try town.employ("t", "d2", at: "south", "Barnskötare", title: nil, from: "2026-08-12")
        let steps = town.planner.plan(systems: ["tempus"]).steps
        #expect(steps.map(\.line) == ["+ tempus/personal unit/south", "- tempus/personal unit/north"])
        #expect(steps[1].waitsFor == [steps[0].id] && steps[0].waitsFor.isEmpty)
        // One school alone takes nothing that the other hasn't given.
        let north = town.planner.plan(systems: ["tempus"], units: ["north"])
        #expect(north.steps.isEmpty)
        #expect(north.blocked.map(\.block) == [.waitsForGrant(Town.role("tempus/personal"), .unit("south"))])
        let whole = town.planner.plan(systems: ["tempus"])
        #expect(whole.steps(of: ["north"]).steps.isEmpty && whole.steps(of: ["north"]).waiting == [steps[1].id])
        #expect(whole.steps(of: ["north", "south"]).steps == steps)
    }

    @Test func `a role that must not meet another goes first, and is waited for`() throws {
        var town = try Town()
        try town.employ("a", "d1", at: "north", "Skoladministratör", title: "2720 Skoladministratör")
        town.hold("a", "unikum/pedagog", at: "north")
        let steps = town.planner.plan(systems: ["unikum"]).steps
        #expect(steps.map(\.line) == ["- unikum/pedagog unit/north", "+ unikum/skoladministratör unit/north"])
        #expect(steps[1].waitsFor == [steps[0].id])
    }

    @Test func `of two roles that must not meet the one of higher precedence is kept, and the other says why`() throws {
        var town = try Town()
        try town.employ("a", "d1", at: "north", "Skoladministratör", title: "2720 Skoladministratör")
        try town.employ("a", "d2", at: "north")
        let plan = town.planner.plan(systems: ["unikum"])
        #expect(plan.steps.map(\.line) == ["+ unikum/skoladministratör unit/north"])
        #expect(
            plan.blocked.map(\.block) == [
                .exclusion("administers-or-teaches", Town.role("unikum/skoladministratör"), .unit("north"))
            ])
        // At another school it is no matter.
        try town.employ("b", "d3", at: "north", "Skoladministratör", title: "2720 Skoladministratör")
        try town.employ("b", "d4", at: "south")
        #expect(town.planner.explain("b", system: "unikum").allSatisfy { $0.action == .grant })
    }

    @Test func `roles begin before the duty and end after it, and not a day sooner or later`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north", from: "2026-08-31", to: "2027-06-15")
        func has(_ text: String) throws -> Bool {
            let date = try #require(CalendarDate(text))
            return town.planner(on: date).plan(systems: ["unikum"]).steps.contains { $0.key.name.role == "pedagog" }
        }
        #expect(try !has("2026-08-16") && has("2026-08-17") && has("2027-07-15") && !has("2027-07-16"))
        let grant = try #require(town.planner.plan(systems: ["unikum"]).steps.first?.after)
        #expect(grant.startDate == CalendarDate("2026-08-17") && grant.endDate == CalendarDate("2027-07-15"))
    }

    @Test func `a substitute of a few days gets what a lesson needs and loses it the day after`() throws {
        var town = try Town()
        try town.employ("s", "d1", at: "north", from: "2026-08-10", to: "2026-08-16")
        #expect(
            town.planner(on: CalendarDate(year: 2026, month: 8, day: 14)).plan().steps.map(\.line) == [
                "+ skola24/lärare unit/north", "+ teams/substitute unit/north",
            ])
        town.hold("s", "skola24/lärare", at: "north")
        let plan = town.planner.plan()
        #expect(plan.steps.map(\.line) == ["- skola24/lärare unit/north"])
        #expect(plan.steps.first?.cause == .ended(RecordKey(.duty, "d1"), CalendarDate("2026-08-16")))
        #expect(town.planner.review().map(\.kind) == [.leaver])
        // Still employed otherwise: then it is the substitute's duty that has ended.
        try town.employ("s", "d2", at: "south", "Barnskötare", title: nil)
        #expect(town.planner.review().map(\.kind) == [.expiredSubstitute])
    }

    @Test func `a title code without a row gives nothing and takes nothing`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north", title: "9998 Simhallsvakt")
        town.hold("t", "unikum/pedagog", at: "north")
        let plan = town.planner.plan(systems: ["unikum", "skola24"])
        #expect(plan.steps.isEmpty && plan.kept.map(\.line) == ["= unikum/pedagog unit/north"])
        #expect(plan.blocked.map(\.block) == [.unknownTitleCode("9998")])
        #expect(plan.blocked.first?.marks == [.unknownTitleCode])
        let ready = try #require(town.planner.readiness().first)
        #expect(ready.staff == 1 && ready.ready == 0)
        #expect(ready.missing.contains { $0.why == .blocked(.unknownTitleCode("9998")) })
    }

    @Test func `readiness says for each unit who lacks what and why`() throws {
        var town = try Town()
        try town.employ("ready", "d1", at: "north")
        town.apply()
        try town.employ("new", "d2", at: "north", title: nil)
        try town.employ("no-account", "d3", at: "south")
        town.population.accounts["unikum"] = ["ready": .active, "new": .active]
        try town.employ("guest", "d4", at: "south", "Annan personal", title: "1234 Gäst")
        let units = town.planner.readiness(messages: [:])
        #expect(units.map(\.unit) == ["north", "south"])
        #expect(units[0].staff == 2 && units[0].ready == 1 && units[0].share == 0.5)
        #expect(units[0].missing.allSatisfy { $0.person == "new" && $0.why == .planned })
        #expect(
            units[1].missing.contains {
                $0.person == "no-account" && $0.key?.name == Town.role("unikum/pedagog") && $0.why == .blocked(.noAccount)
            })
        #expect(units[1].missing.contains { $0.person == "guest" && $0.why == .blocked(.unknownTitleCode("1234")) })
        let id = try #require(units[0].missing.first?.key?.id)
        let failed = town.planner.readiness(units: ["north"], messages: [id: "misslyckades"])
        #expect(failed.count == 1 && failed[0].missing.contains { $0.why == .message("misslyckades") })
        town.population.accounts = [:]
        town.apply()
        #expect(town.planner.readiness().first?.share == 1)
    }

    @Test func `protected persons get nothing where the system isn't cleared, and what they have goes`() throws {
        var town = try Town()
        town.population.persons.append(PersonFacts(id: "p", isProtected: true))
        try town.employ("p", "d1", at: "north")
        town.hold("p", "unikum/pedagog", at: "north")
        let plan = town.planner.plan(systems: ["unikum", "teams"])
        #expect(plan.steps.map(\.line) == ["- unikum/pedagog unit/north"])
        #expect(plan.steps.first?.cause == .blocked(.protectedPerson) && plan.steps.first?.marks == [.protectedPerson])
        #expect(plan.blocked.map(\.block) == [.protectedPerson])
    }

    @Test func `nobody is mentor of a protected pupil where the system isn't cleared`() throws {
        var town = try Town()
        town.population.groups = [
            try Group(json: [
                "id": "class", "displayName": "7A", "organisation": ["id": "north"], "groupType": "Klass", "schoolType": "GR",
                "startDate": "2026-08-01",
                "groupMemberships": [
                    ["person": ["id": "open"], "startDate": "2026-08-01"],
                    ["person": ["id": "hidden"], "startDate": "2026-08-01"],
                ],
            ])
        ]
        town.population.persons = [PersonFacts(id: "open"), PersonFacts(id: "hidden", isProtected: true)]
        try town.employ("t", "d1", at: "north", roles: [["group": ["id": "class"], "assignmentRoleType": "Mentor"]])
        let own = town.planner.explain("t", system: "unikum")
        #expect(
            own.map(\.line).sorted() == [
                "! unikum/mentor pupil/hidden", "+ unikum/mentor pupil/open", "+ unikum/pedagog unit/north",
            ])
        #expect(own.first { $0.key.scope == .pupil("hidden") }?.block == .protectedPerson)
    }

    @Test func `what is given by hand holds until its last day, over rules and denials`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north", from: "2026-08-10", to: "2026-08-20")
        let last = try #require(CalendarDate("2026-08-19"))
        for role in ["digiexam/admin", "vega/handläggare"] {
            town.population.decisions.append(
                try #require(
                    ManualDecision(
                        id: "by-hand-\(role)", .grant, person: "t", role: Town.role(role),
                        scope: role == "digiexam/admin" ? .unit("north") : .municipality, reason: "exam week", by: "head",
                        last: last)))
        }
        #expect(
            ManualDecision(
                id: "endless", .grant, person: "t", role: Town.role("digiexam/admin"), scope: .unit("north"), reason: "", by: "",
                last: nil) == nil)
        town.apply()
        #expect(town.planner.review().map(\.kind) == [.byHand, .byHand])
        let after = town.planner(on: CalendarDate(year: 2026, month: 8, day: 20)).plan(systems: ["digiexam", "vega"])
        #expect(after.steps.map(\.line) == ["- digiexam/admin unit/north", "- vega/handläggare municipality"])
        #expect(after.steps.map(\.cause) == Array(repeating: .ended(RecordKey(.person, "t"), last), count: 2))
    }

    @Test func `roles that no rule gives to anybody are left, and reviewed`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north")
        town.apply()
        town.hold("t", "unikum/kommunadministratör", at: "town")
        town.hold("stranger", "unikum/pedagog", at: "north")
        let plan = town.planner.plan(systems: ["unikum"])
        #expect(plan.steps.map(\.line) == ["- unikum/pedagog unit/north"] && plan.steps.first?.cause == .noRule)
        #expect(town.planner.review().map(\.kind) == [.leaver, .orphan])
        #expect(town.planner.review().last?.key.scope == .municipality)
    }

    @Test func `a grant waits when only a part of the schools is planned and the role in its way is of another`() throws {
        var town = try Town()
        try town.employ("a", "d1", at: "north", "Skoladministratör", title: "2720 Skoladministratör")
        town.hold("a", "unikum/pedagog", at: "north")
        let whole = town.planner.plan(systems: ["unikum"])
        #expect(whole.steps(of: ["north"]).steps == whole.steps && whole.steps(of: ["south"]).steps.isEmpty)
        // A role for the whole system that meets one at a school: only the school is planned.
        let policy = RolePolicy(
            rules: town.policy.rules,
            exclusions: [
                RoleExclusion(
                    name: "everywhere", roles: [Town.role("skola24/rektor"), Town.role("teams/teacher")],
                    place: RulePlace(file: "roles.yaml", line: 1))
            ], vocabulary: town.policy.vocabulary)
        try town.employ("b", "d2", at: "north", "Rektor", title: "2070 Rektor")
        town.hold("b", "teams/teacher", at: "south")
        let planner = RolePlanner(
            policy: policy, population: town.population, held: HeldRoles(systems: town.read, grants: town.grants), date: Town.date
        )
        let part = planner.plan(systems: ["skola24", "teams"], units: ["north"])
        let blocked = try #require(part.blocked.first { $0.key.person == "b" })
        #expect(blocked.key.name == Town.role("skola24/rektor"))
        #expect(blocked.block == .waitsForRevocation(Town.role("teams/teacher"), .unit("south")))
        #expect(!part.steps.contains { $0.key == blocked.key })
        #expect(planner.plan().steps(of: ["north"]).waiting == [blocked.key.id])
    }

    @Test func `very many revocations are marked and take two who approve, a few don't`() throws {
        var town = try Town()
        for number in 0..<40 { town.hold("p\(number)", "unikum/pedagog", at: "north") }
        #expect(town.planner.plan().steps.count == 40)
        #expect(town.planner.plan().steps.allSatisfy { $0.marks.contains(.manyRevocations) })
        func approvers() -> [Int] {
            town.planner.plan().kept(by: "maker", time: "2026-08-01T08:00:00.000Z").parts.map(\.approvers)
        }
        #expect(approvers() == [2])
        // To undo what gave a role to very many takes it from them.
        let given = town.planner.plan().undo()
        #expect(given.steps.allSatisfy { $0.action == .grant && $0.marks.isEmpty })
        #expect(given.undo().kept(by: "maker", time: "2026-08-01T08:00:00.000Z").parts.map(\.approvers) == [2])
        town.grants.removeLast(20)
        #expect(town.planner.plan().steps.allSatisfy { !$0.marks.contains(.manyRevocations) })
        #expect(approvers() == [1])
        #expect(
            RevocationLimit.standard.isExceeded(revoked: 51, held: 1000)
                && !RevocationLimit.standard.isExceeded(revoked: 50, held: 1000))
    }

    @Test func `a system that nobody has read is told, and nothing is planned for it`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north")
        town.read = ["unikum"]
        let plan = town.planner.plan()
        #expect(!plan.isComplete && plan.unread.contains("skola24") && !plan.unread.contains("unikum"))
        #expect(Set(plan.steps.map(\.key.name.system)) == ["unikum"])
        #expect(plan.blocked.allSatisfy { $0.block == .systemNotRead })
        #expect(town.planner.plan(systems: ["unikum"]).isComplete)
    }

    @Test func `a duty that ended between plan and apply is shown as what it moves`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north")
        try town.employ("u", "d2", at: "north")
        let plan = town.planner.plan(systems: ["unikum"])
        town.population.duties.removeLast()
        let staleness = plan.staleness(against: town.planner.plan(systems: ["unikum"]))
        #expect(staleness.isStale && !staleness.policyHasMoved)
        #expect(staleness.moves.map { $0.key.person } == ["u"] && staleness.moves.first?.now == nil)
    }

    @Test func `what comes with records is neither given, taken nor reviewed`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north", to: "2026-01-31")
        town.hold("t", "unikum/elev", at: "north")
        #expect(town.planner.plan(systems: ["unikum"]).isEmpty && town.planner.review().isEmpty)
        #expect(town.planner.explain("t", system: "unikum").map(\.line) == ["= unikum/elev unit/north"])
        let role = Town.role("unikum/elev")
        let denial = RoleDenial(
            name: "no", base: .duty, conditions: [], roles: [RoleName(system: "unikum", role: "*")],
            place: RulePlace(file: "roles.yaml", line: 1))
        let strict = RolePolicy(
            rules: town.policy.rules, denials: [denial], unruledRoles: .revoke, vocabulary: town.policy.vocabulary)
        let planner = RolePlanner(
            policy: strict, population: town.population, held: HeldRoles(systems: town.read, grants: town.grants), date: Town.date
        )
        #expect(planner.plan().isEmpty && planner.who(role).map(\.action) == [.keep])
    }

    @Test func `the dead have no roles`() throws {
        var town = try Town()
        town.population.persons.append(PersonFacts(id: "t", isDeceased: true))
        try town.employ("t", "d1", at: "north")
        town.hold("t", "unikum/kommunadministratör")
        #expect(town.planner.plan().steps.map(\.cause) == [.deceased])
        #expect(town.planner.whyNot("t", Town.role("unikum/pedagog")) == .deceased)
    }

    @Test func `a mentor is one for each pupil of the class, and a guardian for each child`() throws {
        var town = try Town()
        town.population.groups = [
            try Group(json: [
                "id": "7a", "displayName": "7A", "groupType": "Klass", "organisation": ["id": "north"], "startDate": "2026-08-01",
                "groupMemberships": [
                    ["person": ["id": "c1"], "startDate": "2026-08-18"], ["person": ["id": "c2"], "endDate": "2026-08-10"],
                    ["person": ["id": "c3"]],
                ],
            ])
        ]
        try town.employ(
            "t", "d1", at: "north", from: "2026-08-18", roles: [["group": ["id": "7a"], "assignmentRoleType": "Mentor"]])
        let pupil = try Person(json: [
            "id": "c1", "givenName": "N", "familyName": "N",
            "enrolments": [["enroledAt": ["id": "north"], "schoolType": "GR", "startDate": "2026-08-01", "schoolYear": 7]],
            "responsibles": [
                ["person": ["id": "g"], "relationType": "Vårdnadshavare"], ["person": ["id": "h"], "relationType": "God man"],
            ],
        ])
        town.population.persons.append(PersonFacts(pupil))
        let first = CalendarDate(year: 2026, month: 8, day: 18)
        let mentors = town.planner(on: first).who(Town.role("unikum/mentor"))
        #expect(mentors.map(\.key.scope) == [.pupil("c1"), .pupil("c3")])
        let guardians = town.planner(on: first).who(Town.role("skola24/förälder"))
        #expect(guardians.map(\.key.person) == ["g"] && guardians.first?.unit == "north")
        guard case .notGiven(let misses) = town.planner(on: first).whyNot("h", Town.role("skola24/förälder")),
            case .condition(let condition, let found)? = misses.first?.first
        else {
            Issue.record("a trustee is told to be a guardian")
            return
        }
        #expect(condition.fact == .relation && found == "God man")
    }

    @Test func `held against people, a policy tells which rules apply to nobody and which duties give nothing`() throws {
        var town = try Town()
        try town.employ("t", "d1", at: "north")
        try town.employ("x", "d2", at: "north", title: "9998 Simhallsvakt")
        try town.employ("y", "d3", at: "north", title: nil, from: "2026-09-30")
        let coverage = town.planner.coverage()
        #expect(coverage.rules["teachers"] == 2 && coverage.idleRules.contains("heads-of-schools"))
        #expect(!coverage.idleRules.contains("examiners") && coverage.silent.isEmpty)
        #expect(coverage.unknownTitles == ["9998": 1] && coverage.missingTitles == 0)
        let policy = RolePolicy(rules: town.policy.rules.filter { $0.base == .enrolment }, vocabulary: town.policy.vocabulary)
        let other = RolePlanner(
            policy: policy, population: town.population, held: HeldRoles(systems: town.read), date: Town.date
        ).coverage()
        #expect(
            other.silent.sorted { $0.key < $1.key }.map { "\($0.key.dutyRole) \($0.key.titleCode ?? "-"): \($0.value)" } == [
                "Lärare 2752: 1", "Lärare 9998: 1",
            ])
    }
}
