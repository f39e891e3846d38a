public import Mapping
public import SchoolRecords

/// A preliminary decision about school transport at once: what the transport system answered about the distance, held against where
/// the pupil goes to school and to after-school care.
///
/// One decision an application, under an id made of it, so that an answer that comes twice decides nothing twice. When
/// something that the answer rested on is another afterwards, a person must look. The transport system's own decision takes its
/// place.
public struct TransportAnswer: Flow {
    static let flowName = "transport-answer"

    public let name = Self.flowName
    public let reads: Set<Entity> = Self.entities
    public let triggers: Set<Entity> = [.transportApplication]
    public let writes: Set<Entity> = [.transportDecision]

    static let entities: Set<Entity> = [
        .transportApplication, .transportEligibility, .transportDecision, .placement, .person, .organisation,
    ]

    private enum Handling: String { case review, refuse, answer }

    private let toAfterSchool: Handling
    private let afterSchoolElsewhere: Handling
    private let otherReasons: Handling

    public init(_ settings: FlowDescription) {
        func handling(_ name: String) -> Handling { Handling(rawValue: settings.text(name)) ?? .review }
        self.toAfterSchool = handling("to_after_school")
        self.afterSchoolElsewhere = handling("after_school_elsewhere")
        self.otherReasons = handling("other_reasons")
    }

    /// The schools and units that it is about: units of one school are at one place.
    public func needs(_ state: SubjectState) -> Set<RecordKey> {
        guard !state.records(.transportApplication).isEmpty else { return [] }
        var units: Set<String> = []
        for application in state.records(.transportApplication) {
            if let id = application.json["organisation"]?["id"]?.stringValue { units.insert(id) }
        }
        for placement in state.records(.placement) {
            if let id = placement.json["placedAt"]?["id"]?.stringValue { units.insert(id) }
        }
        for enrolment in state.records(.person).first?.json["enrolments"]?.arrayValue ?? [] {
            if let id = enrolment["enroledAt"]?["id"]?.stringValue { units.insert(id) }
        }
        return Set(units.map { RecordKey(.organisation, $0) })
    }

    public func decide(_ state: SubjectState, today: CalendarDate) throws -> [DerivedRecord] {
        let read = try TransportState(state)
        return try read.applications.compactMap { application in try self.decide(application, read) }
    }

    private func decide(
        _ application: (record: FlowRecord, value: TransportApplication), _ read: TransportState
    ) throws -> DerivedRecord? {
        guard !read.isDecided(application.value), let answer = read.answer(to: application.value) else { return nil }
        let id = DerivedID.of(flow: self.name, application.value.id)
        let facts = read.facts(of: application.value)
        let earlier = try read.earlier(id)
        let isSameAnswer = earlier?.eligibility?.id == answer.value.id && earlier?.answeredAt == answer.value.answeredAt
        // What the answer rested on stays written down until there is another answer.
        let rested = isSameAnswer ? earlier.map(TransportFacts.init) ?? facts : facts
        let (outcome, reviews, rule) = self.outcome(application.value, answer.value, facts, hasChanged: rested != facts)
        func reference(_ id: String?) -> JSONValue? { id.map { ["id": .string($0)] } }
        let isAnswered = outcome == .granted || outcome == .refused
        let reasons = (isAnswered ? answer.value.reasons ?? [.distance] : application.value.reasons)?.map(\.rawValue)
        let members: [String: JSONValue?] = [
            "id": .string(id), "application": reference(application.value.id), "child": reference(read.person),
            "organisation": reference(rested.school), "outcome": .string(outcome.rawValue), "preliminary": true,
            "reasons": reasons.map { .array($0.map(JSONValue.string)) },
            "decidedDate": .string("\(SwedishTime.day(answer.value.answeredAt.secondsSinceEpoch))"),
            "startDate": .string("\(application.value.startDate)"),
            "endDate": application.value.endDate.map { .string("\($0)") },
            "reviews": reviews.isEmpty ? nil : .array(reviews.map { .string($0.rawValue) }),
            "distanceMetres": answer.value.distanceMetres.map { .integer(Int64($0)) },
            "eligibility": reference(answer.value.id), "answeredAt": .string("\(answer.value.answeredAt)"),
            "address": rested.address?.json, "placement": reference(rested.placement), "placedAt": reference(rested.placedAt),
        ]
        return DerivedRecord(
            key: RecordKey(.transportDecision, id), json: .object(members.compactMapValues { $0 }), rule: rule,
            origins: [application.record.key, answer.record.key] + read.origins)
    }

    private func outcome(
        _ application: TransportApplication, _ answer: TransportEligibility, _ facts: TransportFacts, hasChanged: Bool
    ) -> (TransportOutcome, [TransportReview], rule: String) {
        var reviews: [TransportReview] = []
        var isRefused = false
        func handle(_ handling: Handling, _ review: TransportReview) {
            switch handling {
            case .review: reviews.append(review)
            case .refuse: isRefused = true
            case .answer: break
            }
        }
        if hasChanged { reviews.append(.factsChanged) }
        if answer.review == .noAnswer {
            reviews.append(.noAnswer)
        } else if answer.outcome == .needsReview {
            reviews.append(.unclear)
        }
        if !facts.isEnrolled { reviews.append(.notEnrolled) }
        if application.placement != nil {
            handle(self.toAfterSchool, .toAfterSchoolCare)
        } else if facts.isPlacedElsewhere {
            handle(self.afterSchoolElsewhere, .afterSchoolCareElsewhere)
        }
        // Distance alone is answered at once; who is near and has other reasons is judged by a person.
        let claimsMore = application.reasons?.contains { $0 != .distance } ?? false
        if claimsMore, answer.outcome == .refused { handle(self.otherReasons, .otherReasons) }
        if let first = reviews.first { return (.needsReview, reviews, "review-\(first.rawValue)") }
        if isRefused { return (.refused, [], "after-school-care-refused") }
        return (answer.outcome, [], "answer-\(answer.outcome.rawValue)")
    }
}

extension FlowKind {
    /// Preliminary decisions about school transport.
    public static let transportAnswer = FlowKind(name: TransportAnswer.flowName, reads: TransportAnswer.entities) { set in
        set.flows[TransportAnswer.flowName].flatMap { $0.isEnabled ? TransportAnswer($0) : nil }
    }
}
