import Foundation
public import SchoolRecords

/// School transport: an application is answered at once, a decision is made by somebody later.
extension EdlevoStandIn {
    /// From so many metres on a pupil is driven, here.
    public static let transportLimit: Int64 = 3000

    /// Answers an application that was written: how far it is (made up, always the same for a pupil and a school), and whether
    /// that is far enough. Written again it has the same answer, under the same id.
    func answer(_ application: JSONValue) {
        guard self.entities.contains(.transportEligibility), let id = application["id"]?.stringValue,
            let child = application["child"]?["id"]?.stringValue
        else { return }
        let school = application["organisation"]?["id"]?.stringValue ?? ""
        var random = SeededGenerator(seed: self.seed, stream: 0x7A, index: Self.number(of: child + school))
        let distance = Int64(500 + random.below(9000))
        let reasons = application["reasons"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let outcome =
            distance >= Self.transportLimit
            ? TransportOutcome.granted : reasons.allSatisfy { $0 == "distance" } ? .refused : .needsReview
        let answerID = self.derivedID(0x7B, id)
        let before = self.document(RecordKey(.transportEligibility, answerID))
        if before?["outcome"] == .string(outcome.rawValue), before?["distanceMetres"] == .integer(distance) { return }
        _ = try? self.upsert(
            .transportEligibility,
            [
                "id": .string(answerID), "application": ["id": .string(id)], "child": ["id": .string(child)],
                "outcome": .string(outcome.rawValue), "distanceMetres": .integer(distance),
                "limitMetres": .integer(Self.transportLimit), "reasons": ["distance"],
                "answeredAt": .string(Timestamp(microseconds: Int64(self.now().timeIntervalSince1970 * 1e6)).text),
            ])
    }

    /// Decides on an application as an official would: as the answer says unless told otherwise. Decided again it is the same
    /// decision.
    ///
    /// - Parameter outcome: for an application that the answer leaves to a person.
    /// - Returns: the decision's id; `nil` when there is no such application.
    @discardableResult
    public func decideTransport(_ application: String, as outcome: TransportOutcome? = nil) throws(StandInError) -> String? {
        guard let asked = self.document(RecordKey(.transportApplication, application)) else { return nil }
        let answer = self.document(RecordKey(.transportEligibility, self.derivedID(0x7B, application)))
        let found = answer?["outcome"]?.stringValue.flatMap(TransportOutcome.init(rawValue:))
        let id = self.derivedID(0x7C, application)
        var decision: JSONValue = [
            "id": .string(id), "application": ["id": .string(application)], "child": asked["child"] ?? .null,
            "outcome": .string((outcome ?? found ?? .needsReview).rawValue), "preliminary": false, "reasons": ["distance"],
            "decidedDate": .string(self.today.text), "startDate": asked["startDate"] ?? .string(self.today.text),
        ]
        if let school = asked["organisation"] { decision["organisation"] = school }
        if let end = asked["endDate"] { decision["endDate"] = end }
        try self.upsert(.transportDecision, decision)
        return id
    }

    private func derivedID(_ stream: UInt64, _ text: String) -> String {
        var random = SeededGenerator(seed: self.seed, stream: stream, index: Self.number(of: text))
        return random.uuid()
    }

    /// The same number for the same text, in every process.
    private static func number(of text: String) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash >> 2)
    }
}
