import Foundation
import Hub
import SchoolRecords
import StandIns

/// Upper-secondary pupils leave, and the municipality's activity responsibility is told.
extension DemoStory {
    private static let leavers = 3

    func breakOffs() async throws -> DemoReport.BreakOffOutcome {
        self.narrator.chapter(
            sv: "Studieavbrott: Edlevo → kommunens aktivitetsansvar (KAA)",
            en: "Studies broken off: Edlevo → the municipality's activity responsibility (KAA)")
        var outcome = DemoReport.BreakOffOutcome()
        outcome.before = try await self.breakOffsAgreed()
        let pupils = try await self.upperSecondaryPupils().prefix(Self.leavers)
        for pupil in pupils { _ = try await self.rehearsal.edlevo.pupilLeaves(pupil) }
        outcome.left = pupils.count
        outcome.told = try await self.breakOffsAgreed() - outcome.before
        self.narrator.success(
            sv: "\(outcome.left) gymnasieelever slutar utan andra studier → \(outcome.told) nya i KAA:s lista.",
            en: "\(outcome.left) upper-secondary pupils leave for no other studies → \(outcome.told) more in KAA's list.")
        if let pupil = pupils.first {
            try await self.rehearsal.edlevo.pupilReturns(pupil)
            outcome.afterReturn = try await self.breakOffsAgreed() - outcome.before
            self.narrator.success(
                sv: "En av dem börjar igen: \(outcome.afterReturn) kvar.",
                en: "One of them begins again: \(outcome.afterReturn) left.")
        }
        return outcome
    }

    /// Waits until the list has exactly those that a count by hand in Edlevo gives.
    ///
    /// - Returns: how many that is.
    func breakOffsAgreed() async throws -> Int {
        guard let list = self.rehearsal.breakOffList else { throw AppError(.demo, "KAA doesn't take part.") }
        let expected = try await BreakOffsByHand.expected(
            edlevo: self.rehearsal.edlevo, protected: self.protectedIDs, today: HubClock.system.calendarDate)
        do {
            try await self.rehearsal.until { _ in
                let told = await BreakOffsByHand.told(to: list)
                return told.count == expected.count && Set(told) == expected
            }
        } catch let error as AppError {
            let told = await list.rows.count
            throw AppError(.demo, "\(expected.count) are expected in KAA's list and \(told) are there.", cause: error)
        }
        return expected.count
    }

    private var protectedIDs: Set<String> { Set(self.rehearsal.municipality.protectedPersons.map(\.id)) }

    /// Pupils whose leaving is told of, and who aren't in the last year.
    private func upperSecondaryPupils() async throws -> [String] {
        let today = HubClock.system.calendarDate
        let protected = self.protectedIDs
        return try await self.rehearsal.edlevo.truth(.person).filter { id, person in
            guard !protected.contains(id), person["civicNo"]?["value"] != nil,
                let birth = person["birthDate"]?.stringValue, let year = Int(birth.prefix(4)), today.year - year < 19
            else { return false }
            let now = (person["enrolments"]?.arrayValue ?? []).filter {
                ($0["startDate"]?.stringValue ?? "") < "\(today)" && ($0["endDate"]?.stringValue ?? "9") >= "\(today)"
            }
            return !now.isEmpty && now.allSatisfy { $0["schoolType"] == "GY" && $0["schoolYear"]?.integerValue ?? 3 < 3 }
        }.keys.sorted()
    }
}
