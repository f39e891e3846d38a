import Foundation
import SchoolRecords
public import StandIns

/// How an application for school transport stands.
public struct TransportStanding: Sendable, Hashable {
    /// The application's id.
    public let application: String
    /// `granted`, `refused` or `needsReview`.
    public let outcome: String
    public let isPreliminary: Bool
}

/// Decisions about school transport, counted by hand from what e-service, Vega and Edlevo hold, past the hub.
public enum TransportByHand {
    /// What the e-service should have been told: the official's decision where Vega has one; else Vega's answer at once, unless the
    /// pupil isn't at that school when transport begins, or has after-school care at another one: then a person judges.
    public static func expected(
        eservice: SS12000StandIn, vega: SS12000StandIn, edlevo: EdlevoStandIn
    ) async throws -> Set<TransportStanding> {
        let answers = try await Self.outcomes(vega, .transportEligibility)
        let decided = try await Self.outcomes(vega, .transportDecision)
        let organisations = try await edlevo.truth(.organisation)
        let places = Dictionary(grouping: try await edlevo.truth(.placement).values) { $0["child"]?["id"]?.stringValue ?? "" }
        func school(_ unit: JSONValue?) -> String {
            let id = unit?["id"]?.stringValue ?? ""
            guard let organisation = organisations[id], organisation["organisationType"] == "Skolenhet" else { return id }
            return organisation["parentOrganisation"]?["id"]?.stringValue ?? id
        }
        var expected: Set<TransportStanding> = []
        for (id, application) in try await eservice.truth(.transportApplication) {
            if let outcome = decided[id] {
                expected.insert(TransportStanding(application: id, outcome: outcome, isPreliminary: false))
                continue
            }
            guard let child = application["child"]?["id"]?.stringValue, let answer = answers[id],
                let start = application["startDate"]?.stringValue
            else { continue }
            func holds(_ value: JSONValue, at key: String) -> Bool {
                school(value[key]) == school(application["organisation"])
            }
            let pupil = await edlevo.document(RecordKey(.person, child))
            let isEnrolled = (pupil?["enrolments"]?.arrayValue ?? []).contains { enrolment in
                enrolment["cancelled"] != true && holds(enrolment, at: "enroledAt")
                    && (enrolment["startDate"]?.stringValue ?? "") <= start && (enrolment["endDate"]?.stringValue ?? "9") >= start
            }
            let isElsewhere = (places[child] ?? []).contains { place in
                ["FTH", "OPPFTH"].contains(place["schoolType"]?.stringValue) && !holds(place, at: "placedAt")
                    && (place["endDate"]?.stringValue ?? "9") >= start
            }
            expected.insert(
                TransportStanding(
                    application: id, outcome: isEnrolled && !isElsewhere ? answer : "needsReview", isPreliminary: true))
        }
        return expected
    }

    /// What the hub has told the e-service, as it stands there now.
    public static func told(to eservice: SS12000StandIn) async throws -> [TransportStanding] {
        try await eservice.truth(.transportDecision).values.map { decision in
            TransportStanding(
                application: decision["application"]?["id"]?.stringValue ?? "",
                outcome: decision["outcome"]?.stringValue ?? "", isPreliminary: decision["preliminary"] == true)
        }
    }

    private static func outcomes(_ vega: SS12000StandIn, _ entity: Entity) async throws -> [String: String] {
        Dictionary(
            try await vega.truth(entity).values.map {
                ($0["application"]?["id"]?.stringValue ?? "", $0["outcome"]?.stringValue ?? "")
            }, uniquingKeysWith: { first, _ in first })
    }
}
