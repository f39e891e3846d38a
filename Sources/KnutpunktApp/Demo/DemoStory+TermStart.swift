import Foundation
import Hub
import SchoolRecords
import StandIns

/// A new school year: a mass change that is right, and goes through when somebody has said so.
extension DemoStory {
    func termStart() async throws -> DemoReport.TermStartOutcome {
        self.narrator.chapter(
            sv: "Terminsstart: alla elever flyttas upp ett år", en: "Term start: all pupils move up a year")
        try await self.rehearsal.settle()
        var outcome = DemoReport.TermStartOutcome()
        let context = self.rehearsal.context
        guard let vega = self.rehearsal.others[.vega] else { throw AppError(.demo, "Vega doesn't take part.") }
        let before = try await Self.schoolYears(vega)
        let writes = await vega.requests.writes
        let moved = Set(try await self.rehearsal.edlevo.newSchoolYear().upserted.map(\.id))
        outcome.moved = moved.count
        let filter = HeldFilter(.source, "edlevo", "person", [.held])
        try await self.rehearsal.until { _ in
            try await context.store.heldChanges(filter).contains { $0.updates == moved.count }
        }
        guard let change = try await context.store.heldChanges(filter).first else {
            throw AppError(.demo, "Nothing is held though \(moved.count) pupils have moved up.")
        }
        outcome.held = change.updates
        let excess = change.excess.first { $0.kind == .updates }
        let (count, limit) = (excess?.count ?? 0, excess?.limit ?? 0)
        self.narrator.success(
            sv:
                "\(outcome.held) av \(change.living) personer skulle ändras, \(count) inom ett dygn och fler än \(limit): inget tas förrän någon godkänner.",
            en:
                "\(outcome.held) of \(change.living) persons would change, \(count) within a day and more than \(limit): nothing is taken until somebody approves."
        )
        guard try await Self.schoolYears(vega) == before else { throw AppError(.demo, "Vega was told before anybody approved.") }
        _ = try await context.decide(change.id, .approved, by: nil, reason: "new school year")
        self.narrator.say(
            sv: "Godkänns: knutpunkt held approve \(change.id) --reason \"nytt läsår\".",
            en: "Approved: knutpunkt held approve \(change.id) --reason \"new school year\".")
        try await self.rehearsal.until { _ in
            try await context.store.heldChanges(HeldFilter(.source, "edlevo", "person", [.applied])).contains {
                $0.id == change.id
            }
        }
        try await self.rehearsal.settle()
        let expected = before.reduce(into: before) { years, pupil in
            if moved.contains(pupil.key) { years[pupil.key] = pupil.value + 1 }
        }
        outcome.written = await vega.requests.writes - writes
        guard try await Self.schoolYears(vega) == expected, outcome.written == moved.count else {
            throw AppError(.demo, "\(moved.count) pupils have moved up, and \(outcome.written) were written to Vega.")
        }
        self.narrator.success(
            sv: "Vega har de \(outcome.written) eleverna ett år högre, med \(outcome.written) skrivningar.",
            en: "Vega has the \(outcome.written) pupils one year higher, with \(outcome.written) writes.")
        return outcome
    }

    /// The school year of each pupil as it stands in Vega.
    private static func schoolYears(_ vega: SS12000StandIn) async throws -> [String: Int64] {
        try await vega.truth(.person).compactMapValues { $0["enrolments"]?.arrayValue?.first?["schoolYear"]?.integerValue }
    }
}
