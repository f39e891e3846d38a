import Foundation
import Hummingbird
import SchoolRecords

/// Questions about the distance to school, answered at once: an assumption about a closed interface.
extension EdlevoStandIn {
    static let questionPath = "eligibilityQuestions"

    /// From here on a pupil rides.
    static let limitMetres = 3000

    /// `PUT eligibilityQuestions/{question}` with `application` and `pupil`. The same question again has the same answer and
    /// makes no second case.
    func answerQuestion(_ question: String, _ request: Request, _ body: [UInt8]) -> Answer {
        guard request.method == .put else { return Answer(status: .methodNotAllowed) }
        guard let asked = try? JSONValue(parsing: Data(body)), let application = asked["application"]?.stringValue,
            asked["pupil"]?.stringValue != nil
        else { return .failure(.unprocessableContent, "incomplete", "application and pupil are required") }
        return self.counted(RecordKey(.transportEligibility, question)) { server in
            server.cases[question] = application
            return .json(server.eligibility(of: application))
        }
    }

    /// By the application alone: what was answered before in a record, else a distance of the application's own.
    private func eligibility(of application: String) -> JSONValue {
        let distance = Self.distance(of: application, seed: self.seed)
        return [
            "outcome": distance >= Self.limitMetres ? "granted" : "refused", "distanceMetres": .integer(Int64(distance)),
            "limitMetres": .integer(Int64(Self.limitMetres)), "reasons": ["distance"],
        ]
    }

    /// What this server answers for an application, in metres.
    public static func distance(of application: String, seed: UInt64) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in application.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var chance = SeededGenerator(seed: seed, stream: 0x5B00, index: Int(hash % 1_000_000_000))
        return 500 + chance.below(9000)
    }

    /// The questions that were put, each with its application: as many as cases in the system.
    public var questionCases: [String: String] { self.cases }
}
