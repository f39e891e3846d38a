import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite("A system is asked over REST")
struct RESTAnswererTests {
    private static let question: JSONValue = [
        "wanted": "transporteligibility", "path": "eligibilityQuestions/{question}", "method": "put",
        "body": ["application": "{id}", "pupil": "{child.id}", "school": "{organisation.id}", "reasons": "{reasons:json}"],
    ]

    private static func with(
        question: JSONValue = Self.question, _ body: (RESTAnswerer, SS12000StandIn) async throws -> Void
    ) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 20), seed: 7, today: "2026-11-23")
        let standIn = try SS12000StandIn(.vega, in: municipality, isEmpty: true, clientSecret: "very-secret-words")
        try await withEdlevoStandIn(standIn) { standIn in
            var settings = try await EdlevoHarness.settings(standIn, pageLimit: 5, timeout: .number(1))
            settings["questions"] = [question]
            let answerer = try RESTAnswerer.make(
                system: "vega", settings: settings, clock: TestClock().clock, policy: RetryPolicy(),
                logger: ServerUnderTest.silent)
            try await body(answerer, standIn)
            await answerer.shutdown()
        }
    }

    private static func asked(_ number: Int) -> AskedQuestion {
        let id = "00000000-0000-4000-8000-0000000000\(10 + number)"
        return AskedQuestion(
            id: "question-\(number)", about: RecordKey(.transportApplication, id), wanted: .transportEligibility,
            document: [
                "id": .string(id), "child": ["id": "pupil-1"], "organisation": ["id": "school-1"], "reasons": ["distance"],
            ])
    }

    @Test func `the reply becomes the fields of an answer`() async throws {
        try await Self.with { answerer, standIn in
            for number in 0..<5 {
                let asked = Self.asked(number)
                let answer = try await answerer.answer(asked)
                let metres = SS12000StandIn.distance(of: asked.about.id, seed: 7)
                #expect(answer["distanceMetres"] == .integer(Int64(metres)))
                #expect(answer["outcome"] == (metres >= 3000 ? "granted" : "refused"))
                #expect(answer["reasons"] == ["distance"])
            }
            #expect(await standIn.questionCases.count == 5)
        }
    }

    @Test func `a reply lost after the question was taken makes no second case`() async throws {
        try await Self.with { answerer, standIn in
            var faults = EdlevoFaults.none
            faults.losesReplyEvery = 2
            try await standIn.setFaults(faults)
            for number in 0..<6 { _ = try await answerer.answer(Self.asked(number)) }
            #expect(await standIn.questionCases.count == 6)
        }
    }

    @Test func `a system that is down is the system's failure, a refused question the question's`() async throws {
        try await Self.with { answerer, standIn in
            var faults = EdlevoFaults.none
            faults.outage = .unavailable
            try await standIn.setFaults(faults)
            let failure = await #expect(throws: ConnectorFailure.self) { try await answerer.answer(Self.asked(1)) }
            #expect(failure?.kind == .systemUnavailable)
        }
        var incomplete = Self.question
        incomplete["body"] = ["application": "{id}"]
        try await Self.with(question: incomplete) { answerer, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { try await answerer.answer(Self.asked(1)) }
            #expect(failure?.kind == .rejected)
            #expect(failure?.code == "question-refused")
        }
    }

    @Test func `a system's own words and shape are settings; a word that isn't there is for a person`() async throws {
        var own = Self.question
        own["answer"] = ["outcome": "{outcome}", "distanceMetres": "{distanceMetres:integer}"]
        own["outcomes"] = ["granted": "granted"]
        try await Self.with(question: own) { answerer, _ in
            var seen: Set<String> = []
            for number in 0..<20 {
                let answer = try await answerer.answer(Self.asked(number))
                let isFar = SS12000StandIn.distance(of: Self.asked(number).about.id, seed: 7) >= 3000
                #expect(answer["outcome"] == (isFar ? "granted" : "needsReview"))
                #expect(answer["review"] == (isFar ? nil : "unclear"))
                seen.insert(answer["outcome"]?.stringValue ?? "")
            }
            #expect(seen.count == 2)
        }
    }

    @Test func `every slip in the settings is told at once`() {
        let settings: JSONValue = [
            "connection": ["base_url": "no address"],
            "questions": [["path": "a?b", "method": "get", "body": [:], "answer": ["x": "{metres}"], "extra": true]],
        ]
        let error = #expect(throws: SettingsError.self) {
            try RESTAnswerer.make(system: "vega", settings: settings, logger: ServerUnderTest.silent)
        }
        let paths = Set(error?.problems.map(\.path) ?? [])
        for path in ["path", "method", "body", "answer", "extra"] {
            #expect(paths.contains("answers.questions[0].\(path)"), "\(path)")
        }
        #expect(paths.contains("answers.connection.base_url"))
    }
}
