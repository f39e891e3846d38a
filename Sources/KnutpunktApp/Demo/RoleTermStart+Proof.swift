import Hub
import Mapping
import Provisioning
import SchoolRecords
public import StandIns

/// Whether the staff is ready, and those who aren't are just those of the story.
extension RoleTermStart {
    /// Counts who is ready, and holds what is missing against what the story makes impossible.
    ///
    /// - Returns: persons of whom something else is said than the story says, with both, by person.
    public func prove(_ changes: StaffChanges, _ outcome: inout Outcome) async throws -> [String: String] {
        let units = try await self.planner().readiness(systems: Self.systems)
        outcome.staff = units.reduce(0) { $0 + $1.staff }
        outcome.ready = units.reduce(0) { $0 + $1.ready }
        var said: [String: Set<String>] = [:]
        for missing in units.flatMap(\.missing) { said[missing.person, default: []].insert(Self.reason(missing)) }
        outcome.missing = said.values.reduce(into: [:]) { counts, reasons in
            for reason in reasons { counts[String(reason.prefix { $0 != " " }), default: 0] += 1 }
        }
        let expected = try await self.impossible(changes)
        var wrong: [String: String] = [:]
        for person in Set(said.keys).union(expected.keys) where said[person] != expected[person] {
            func text(_ reasons: Set<String>?) -> String { reasons?.sorted().joined(separator: ", ") ?? "nothing" }
            wrong[person] = "missing: \(text(said[person])); expected: \(text(expected[person]))"
        }
        outcome.unexplained = wrong.count
        return wrong
    }

    /// `<reason> <system>`; the system only where the reason is about one.
    private static func reason(_ missing: UnitReadiness.Missing) -> String {
        switch missing.why {
        case .planned: "planned"
        case .message: "message"
        case .nothingFollows: "nothing-follows"
        case .blocked(.noAccount): "no-account \(missing.key?.name.system ?? "")"
        case .blocked(let block): block.code
        }
    }

    /// Whom the story keeps from having every role, worked out from what Edlevo holds, without the planner.
    private func impossible(_ changes: StaffChanges) async throws -> [String: Set<String>] {
        var reasons: [String: Set<String>] = [:]
        for person in changes.persons[.withoutAccount] ?? [] { reasons[person, default: []].insert("no-account skola24") }
        for person in changes.persons[.unknownTitle] ?? [] { reasons[person, default: []].insert("unknown-title-code") }
        for person in try await self.administersAndTeaches() { reasons[person, default: []].insert("exclusion") }
        let protected = Set(try await self.protectedPersons())
        for person in try await self.mentors(of: protected) { reasons[person, default: []].insert("protected-person") }
        return reasons.filter { !protected.contains($0.key) }
    }

    /// Who administers a school and teaches there: the two never meet.
    private func administersAndTeaches() async throws -> Set<String> {
        let today = self.rehearsal.clock.calendarDate
        // As many days before and after a duty as the policy says for the two.
        let teaches: [String: (before: Int, after: Int)] = [
            "Lärare": (14, 30), "Förstelärare": (14, 30), "Speciallärare/specialpedagog": (14, 30), "Förskollärare": (14, 0),
            "Barnskötare": (14, 0), "Fritidspedagog": (14, 0), "Övrig pedagogisk personal": (14, 0),
        ]
        var places: [String: (administers: Set<String>, teaches: Set<String>)] = [:]
        for duty in try await self.rehearsal.edlevo.truth(.duty).values {
            guard let person = duty["person"]?["id"]?.stringValue, let school = duty["dutyAt"]?["id"]?.stringValue,
                let role = duty["dutyRole"]?.stringValue,
                let first = duty["startDate"]?.stringValue.flatMap({ CalendarDate($0) })
            else { continue }
            let last = duty["endDate"]?.stringValue.flatMap { CalendarDate($0) }
            func holds(_ before: Int, _ after: Int) -> Bool {
                first.daysSinceEpoch - before <= today.daysSinceEpoch
                    && (last.map { today.daysSinceEpoch <= $0.daysSinceEpoch + after } ?? true)
            }
            if role == "Skoladministratör", holds(14, 0) { places[person, default: ([], [])].administers.insert(school) }
            if let days = teaches[role], holds(days.before, days.after) {
                places[person, default: ([], [])].teaches.insert(school)
            }
        }
        return Set(places.filter { !$0.value.administers.isDisjoint(with: $0.value.teaches) }.keys)
    }

    /// Who is mentor of a protected pupil: Unikum isn't told that there is one.
    private func mentors(of protected: Set<String>) async throws -> Set<String> {
        let today = "\(self.rehearsal.clock.calendarDate)"
        func isNow(_ part: JSONValue) -> Bool {
            part["startDate"]?.stringValue ?? "0" <= today && today <= part["endDate"]?.stringValue ?? "9"
        }
        let groups = try await self.rehearsal.edlevo.truth(.group).filter { _, group in
            ["Klass", "Mentor"].contains(group["groupType"]?.stringValue ?? "")
                && (group["groupMemberships"]?.arrayValue ?? []).contains { member in
                    isNow(member) && protected.contains(member["person"]?["id"]?.stringValue ?? "")
                }
        }
        var mentors: Set<String> = []
        for duty in try await self.rehearsal.edlevo.truth(.duty).values where isNow(duty) {
            let isMentor = (duty["assignmentRole"]?.arrayValue ?? []).contains { role in
                role["assignmentRoleType"] == "Mentor" && groups[role["group"]?["id"]?.stringValue ?? ""] != nil
            }
            if isMentor, let person = duty["person"]?["id"]?.stringValue { mentors.insert(person) }
        }
        return mentors
    }

    private func protectedPersons() async throws -> [String] {
        try await self.rehearsal.edlevo.truth(.person).filter { SecurityMarking(json: $0.value["securityMarking"]).isProtected }
            .map(\.key)
    }
}
