import Foundation
import SchoolRecords
import StandIns

/// School transport: guardians apply, and are answered at once.
extension DemoStory {
    /// How many applications an official decides on in the story, and how many are withdrawn.
    private static let (decided, withdrawn) = (3, 1)

    func transport() async throws -> DemoReport.TransportOutcome {
        self.narrator.chapter(
            sv: "Skolskjuts: ansökan → Vega → preliminärt besked direkt",
            en: "School transport: application → Vega → a preliminary decision at once")
        let (eservice, vega) = try self.transportSystems
        var outcome = DemoReport.TransportOutcome()
        let first = try await self.transportAgreed()
        outcome.applications = first.count
        outcome.granted = first.count { $0.outcome == "granted" }
        outcome.refused = first.count { $0.outcome == "refused" }
        outcome.forReview = first.count { $0.outcome == "needsReview" }
        self.narrator.success(
            sv:
                "\(outcome.applications) ansökningar i e-tjänsten → \(first.count) preliminära besked: \(outcome.granted) ja, \(outcome.refused) nej, \(outcome.forReview) till handläggare.",
            en:
                "\(outcome.applications) applications in the e-service → \(first.count) preliminary decisions: \(outcome.granted) yes, \(outcome.refused) no, \(outcome.forReview) for a person."
        )

        for standing in first.sorted(by: { $0.application < $1.application }).prefix(Self.decided) {
            try await vega.decideTransport(standing.application, as: .granted)
        }
        let second = try await self.transportAgreed()
        outcome.decided = second.count { !$0.isPreliminary }
        self.narrator.success(
            sv:
                "\(outcome.decided) avgörs av en handläggare i Vega: e-tjänsten har de \(outcome.decided) besluten i stället för de preliminära, och \(second.count - outcome.decided) preliminära kvar.",
            en:
                "\(outcome.decided) are decided by an official in Vega: the e-service has those \(outcome.decided) instead of the preliminary ones, and \(second.count - outcome.decided) preliminary ones left."
        )

        let open = second.filter(\.isPreliminary).sorted { $0.application < $1.application }.prefix(Self.withdrawn)
        for standing in open { await eservice.delete(RecordKey(.transportApplication, standing.application)) }
        outcome.withdrawn = open.count
        outcome.left = try await self.transportAgreed().count
        try await self.rehearsal.until { _ in
            let there = try await vega.truth(.transportApplication)
            return open.allSatisfy { there[$0.application] == nil }
        }
        self.narrator.success(
            sv: "\(outcome.withdrawn) återtas: \(outcome.left) besked kvar, och ansökan är borta ur Vega.",
            en: "\(outcome.withdrawn) is withdrawn: \(outcome.left) decisions left, and the application is gone from Vega.")
        return outcome
    }

    private var transportSystems: (eservice: SS12000StandIn, vega: SS12000StandIn) {
        get throws {
            guard let eservice = self.rehearsal.others[.eservice], let vega = self.rehearsal.others[.vega] else {
                throw AppError(.demo, "The e-service and Vega don't take part.")
            }
            return (eservice, vega)
        }
    }

    /// Waits until the e-service has been told exactly what a count by hand gives, each application once.
    func transportAgreed() async throws -> Set<TransportStanding> {
        let (eservice, vega) = try self.transportSystems
        func expected() async throws -> Set<TransportStanding> {
            try await TransportByHand.expected(eservice: eservice, vega: vega, edlevo: self.rehearsal.edlevo)
        }
        do {
            try await self.rehearsal.until { _ in
                let (wanted, told) = (try await expected(), try await TransportByHand.told(to: eservice))
                let applications = await eservice.count(of: .transportApplication)
                return told.count == applications && wanted.count == applications && Set(told) == wanted
            }
        } catch let error as AppError {
            let (wanted, told) = (try await expected().count, try await TransportByHand.told(to: eservice).count)
            throw AppError(.demo, "\(wanted) decisions are expected in the e-service and \(told) are there.", cause: error)
        }
        return try await expected()
    }
}
