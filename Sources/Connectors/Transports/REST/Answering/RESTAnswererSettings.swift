import ConnectorKit
import Foundation
import SchoolRecords

/// How a system is asked over REST.
struct RESTAnswererSettings: Sendable {
    /// How one kind of question is put.
    struct Way: Sendable {
        let path: String
        let method: HTTPCall.Method
        let body: BodyTemplate
        let answer: BodyTemplate
        /// The system's words → outcomes; a word that isn't there is for a person.
        let outcomes: [String: TransportOutcome]
    }

    let server: SS12000Settings
    let questions: [Entity: Way]
}

extension RESTAnswererSettings {
    /// Reads the block `answers` of a system's settings.
    ///
    /// ```yaml
    /// answers:
    ///   connection:                       # as for the connector ss12000
    ///     base_url: https://server.example
    ///   questions:
    ///     - wanted: transporteligibility  # the kind of record that answers
    ///       path: eligibility/{question}  # below api_path; {question} is the question's id
    ///       method: put                   # or post
    ///       body:                         # fields of the record that the question is about, by their paths
    ///         application: "{id}"
    ///         pupil: "{child.id}"
    ///         question: "{question}"
    ///       answer:                       # where the reply has what
    ///         result: "{outcome}"
    ///         metres: "{distanceMetres:integer}"
    ///       outcomes: {Ja: granted, Nej: refused}   # left out: granted, refused, needsReview as they are
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        var questions: [Entity: Way] = [:]
        let elements = reader.value("questions")?.arrayValue ?? []
        if elements.isEmpty { reader.complain("questions", "must be a list of one question or more") }
        for (position, element) in elements.enumerated() {
            var part = SettingsReader(element)
            let (wanted, way) = Self.way(&part)
            for problem in part.problems {
                reader.complain("questions[\(position)].\(problem.path)", problem.message)
            }
            questions[wanted] = way
        }
        self.questions = questions
        var problems = reader.problems
        let server: SS12000Settings?
        do throws(SettingsError) {
            server = try SS12000Settings(system: system, settings: settings)
        } catch {
            server = nil
            problems = error.problems + problems
        }
        guard let server, problems.isEmpty else {
            throw SettingsError(
                system: system, problems: problems.map { SettingProblem(path: "answers.\($0.path)", message: $0.message) })
        }
        self.server = server
    }

    private static let names = ["wanted", "path", "method", "body", "answer", "outcomes"]
    private static let answered: Set<String> = ["outcome", "distanceMetres", "limitMetres", "reasons"]

    private static func way(_ reader: inout SettingsReader) -> (Entity, Way) {
        for name in (reader.value("")?.objectValue ?? [:]).keys.sorted() where !self.names.contains(name) {
            reader.complain(name, "is no setting; known are \(self.names.joined(separator: ", "))")
        }
        let wanted = reader.choice(
            "wanted", of: [(Entity.transportEligibility.rawValue, Entity.transportEligibility)], default: .transportEligibility)
        let path = reader.text("path").trimmingCharacters(in: CharacterSet(charactersIn: "/"))
        if path.replacing("{question}", with: "").contains(where: { "?#{}".contains($0) || $0.isWhitespace }) {
            reader.complain("path", "must be a path, with no other place than {question} and no query")
        }
        let body = reader.value("body") ?? .null
        if body.objectValue?.isEmpty ?? true { reader.complain("body", "must be names with values, as the system takes them") }
        let answer = BodyTemplate(reader.value("answer") ?? Self.standardAnswer)
        if !answer.fields.contains("outcome") { reader.complain("answer", "must have a place for {outcome}") }
        for field in answer.fields.subtracting(Self.answered).sorted() {
            reader.complain(
                "answer", "{\(field)} is no field of an answer; known are \(Self.answered.sorted().joined(separator: ", "))")
        }
        return (
            wanted,
            Way(
                path: path,
                method: reader.choice("method", of: [("post", HTTPCall.Method.post), ("put", .put)], default: .post),
                body: BodyTemplate(body), answer: answer, outcomes: Self.outcomes(&reader))
        )
    }

    private static let standardAnswer: JSONValue = [
        "outcome": "{outcome}", "distanceMetres": "{distanceMetres:integer}", "limitMetres": "{limitMetres:integer}",
        "reasons": "{reasons:json}",
    ]

    private static func outcomes(_ reader: inout SettingsReader) -> [String: TransportOutcome] {
        guard let members = reader.value("outcomes")?.objectValue else {
            return Dictionary(uniqueKeysWithValues: TransportOutcome.allCases.map { ($0.rawValue, $0) })
        }
        var outcomes: [String: TransportOutcome] = [:]
        for (word, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let outcome = value.stringValue.flatMap(TransportOutcome.init(rawValue:)), outcome != .withdrawn else {
                reader.complain("outcomes.\(word)", "must be granted, refused or needsReview")
                continue
            }
            outcomes[word] = outcome
        }
        return outcomes
    }
}

extension RESTAnswererSettings.Way {
    /// The record's fields, of what the reply said.
    ///
    /// - Throws: ``ConnectorFailure`` `answer-not-understood` for a distance that is no whole number, or reasons that are none.
    func record(of fields: [String: String]) throws(ConnectorFailure) -> JSONValue {
        var record: [String: JSONValue] = [:]
        guard let word = fields["outcome"], !word.isEmpty else { throw self.misunderstood("outcome") }
        let outcome = self.outcomes[word] ?? .needsReview
        record["outcome"] = .string(outcome.rawValue)
        if outcome == .needsReview { record["review"] = .string(TransportReview.unclear.rawValue) }
        for name in ["distanceMetres", "limitMetres"] {
            guard let text = fields[name] else { continue }
            guard let metres = Double(text), metres >= 0, metres < 10_000_000 else { throw self.misunderstood(name) }
            record[name] = .integer(Int64(metres.rounded()))
        }
        if let text = fields["reasons"] {
            guard let reasons = try? JSONValue(parsing: Data(text.utf8)), let words = reasons.arrayValue,
                words.allSatisfy({ $0.stringValue.flatMap(TransportReason.init(rawValue:)) != nil })
            else { throw self.misunderstood("reasons") }
            record["reasons"] = reasons
        }
        return .object(record)
    }

    private func misunderstood(_ field: String) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .answerNotUnderstood, message: "\(self.path): the reply's \(field) can't be understood")
    }
}
