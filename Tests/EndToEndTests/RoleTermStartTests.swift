import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Term start for the staff of a small municipality, through a hub in a process of its own and five receiving systems.
@Suite("Roles at term start, in five systems", .serialized)
struct RoleTermStartTests {
    @Test(.timeLimit(.minutes(10)))
    func `who isn't ready on day one is just whom the term start makes it impossible for, with the true reason`() async throws {
        try await RoleTests.with(children: 300) { rehearsal in
            let story = RoleTermStart(rehearsal, count: 2)
            var outcome = try await story.giveAll()
            #expect(outcome.first > 100)
            let changes = try await story.begin(&outcome)
            #expect(Set(changes.persons.keys) == Set(StaffChanges.Kind.allCases))
            let wrong = try await story.prove(changes, &outcome)
            #expect(wrong.isEmpty, "\(wrong)")
            #expect(outcome.staff - outcome.ready >= 2 && outcome.ready > outcome.staff / 2, "\(outcome)")
            #expect(
                Set(outcome.missing.keys) == ["no-account", "unknown-title-code", "exclusion", "protected-person"], "\(outcome)")
            try await Self.expectRoles(changes, rehearsal)
            print(outcome)
        }
    }

    /// What the systems hold of the persons of the story, by hand.
    private static func expectRoles(_ changes: StaffChanges, _ rehearsal: Rehearsal) async throws {
        var held: [String: Set<String>] = [:]
        for system in RoleTermStart.systems {
            for role in try await rehearsal.heldRoles(in: system) {
                held[role.person, default: []].insert("\(system)/\(role.role) \(role.scope.id ?? "")")
            }
        }
        for (kind, persons) in changes.persons {
            for person in persons {
                let school = changes.schools[person] ?? ""
                let own = held[person] ?? []
                let staff = own.filter { text in
                    ["pedagog", "personal", "lärare", "TEACHER", "skoladministratör", "kanslist"].contains {
                        text.contains("/\($0) ")
                    }
                }
                let expected: Set<String>
                switch kind {
                case .beginner: expected = ["unikum/pedagog \(school)", "skola24/lärare \(school)", "skolon/TEACHER \(school)"]
                case .withoutAccount: expected = ["unikum/pedagog \(school)", "skolon/TEACHER \(school)"]
                case .unknownTitle, .leaver: expected = []
                case .substitute: expected = ["skola24/lärare \(school)"]
                case .otherDuty: expected = ["unikum/personal \(school)"]
                case .mover: expected = ["unikum/pedagog \(school)", "skola24/lärare \(school)", "skolon/TEACHER \(school)"]
                case .administrator:
                    expected = [
                        "unikum/skoladministratör \(school)", "skola24/kanslist \(school)", "skola24/lärare \(school)",
                        "skolon/TEACHER \(school)",
                    ]
                case .headOfTwo:
                    #expect(own.filter { $0.hasPrefix("skolon/administrator ") }.count == 2, "\(kind): \(own)")
                    expected = staff
                }
                #expect(staff == expected, "\(kind)")
            }
        }
    }
}
