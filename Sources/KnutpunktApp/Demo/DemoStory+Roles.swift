import StandIns

/// Roles of the staff: everybody's to begin with, then term start.
extension DemoStory {
    func firstRoles() async throws -> RoleTermStart.Outcome {
        self.narrator.chapter(
            sv: "Roller i fem system: plan, två som godkänner, genomförande",
            en: "Roles in five systems: plan, two who approve, apply")
        let outcome = try await self.roleStory.giveAll()
        self.narrator.success(
            sv:
                "\(outcome.first) roller: planen tog \(Self.text(outcome.firstPlanSeconds)) s, genomförandet \(Self.text(outcome.firstApplySeconds)) s. Systemen har dem, och nästa plan är tom.",
            en:
                "\(outcome.first) roles: the plan took \(Self.text(outcome.firstPlanSeconds)) s, applying it \(Self.text(outcome.firstApplySeconds)) s. The systems hold them, and the next plan is empty."
        )
        return outcome
    }

    func rolesAtTermStart(_ outcome: inout RoleTermStart.Outcome) async throws {
        self.narrator.chapter(sv: "Terminsstart för personalen", en: "Term start for the staff")
        self.narrator.say(
            sv:
                "Nya och vikarier börjar, några slutar, byter tjänst eller skola, rektorer får en skola till; några saknar konto eller har en befattningskod som ingen känner.",
            en:
                "New staff and substitutes begin, some leave, change duty or school, heads get a second school; some lack an account or have a title code that nobody knows."
        )
        let changes = try await self.roleStory.begin(&outcome)
        self.narrator.say(
            sv:
                "+\(outcome.granted) ges, -\(outcome.revoked) tas bort, ~\(outcome.changed) ändras: planen tog \(Self.text(outcome.planSeconds)) s, genomförandet \(Self.text(outcome.applySeconds)) s.",
            en:
                "+\(outcome.granted) granted, -\(outcome.revoked) revoked, ~\(outcome.changed) changed: the plan took \(Self.text(outcome.planSeconds)) s, applying it \(Self.text(outcome.applySeconds)) s."
        )
        let wrong = try await self.roleStory.prove(changes, &outcome)
        let missing = outcome.missing.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        guard wrong.isEmpty else {
            throw AppError(
                .demo, "\(wrong.count) persons lack another role, or for another reason, than the story says: \(missing).")
        }
        self.narrator.success(
            sv:
                "\(outcome.ready) av \(outcome.staff) har alla sina roller. De andra är just de som inte kan få dem: \(missing).",
            en: "\(outcome.ready) of \(outcome.staff) have every role. The others are just those who can't: \(missing).")
    }

    private var roleStory: RoleTermStart {
        RoleTermStart(self.rehearsal, count: max(2, self.rehearsal.municipality.census.staff / 100))
    }

    private static func text(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
