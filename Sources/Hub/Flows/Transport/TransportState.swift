import SchoolRecords

/// What an answer about school transport rests on.
struct TransportFacts: Hashable {
    let school: String
    let address: PersonAddress?
    /// After-school care at the time for which transport is applied for.
    let placement: String?
    let placedAt: String?
    /// Whether that is at another school than the one applied for.
    var isPlacedElsewhere = false
    var isEnrolled = true

    init(school: String, address: PersonAddress?, placement: String?, placedAt: String?) {
        self.school = school
        self.address = address
        self.placement = placement
        self.placedAt = placedAt
    }

    init(_ decision: TransportDecision) {
        self.init(
            school: decision.organisation?.id ?? "", address: decision.address, placement: decision.placement?.id,
            placedAt: decision.placedAt?.id)
    }

    static func == (left: TransportFacts, right: TransportFacts) -> Bool {
        left.school == right.school && left.address == right.address && left.placement == right.placement
            && left.placedAt == right.placedAt
    }

    func hash(into hasher: inout Hasher) { hasher.combine(self.school) }
}

/// A pupil's applications for transport and what they are held against, read for the flow.
struct TransportState {
    let person: String
    let applications: [(record: FlowRecord, value: TransportApplication)]
    private let answers: [(record: FlowRecord, value: TransportEligibility)]
    private let decisions: [TransportDecision]
    private let placements: [Placement]
    private let pupil: Person?
    private let state: SubjectState

    init(_ state: SubjectState) throws {
        self.state = state
        self.person = state.person
        self.applications = try state.records(.transportApplication).map { ($0, try TransportApplication(json: $0.json)) }
        self.answers = try state.records(.transportEligibility).map { ($0, try TransportEligibility(json: $0.json)) }
        self.decisions = try state.records(.transportDecision).map { try TransportDecision(json: $0.json) }
        self.placements = try state.records(.placement).map { try Placement(json: $0.json) }
        self.pupil = try state.records(.person).first.map { try Person(json: $0.json) }
    }

    /// The records besides application and answer that a decision looks at.
    var origins: [RecordKey] { state.records(.person).map(\.key) + state.records(.placement).map(\.key) }

    /// The latest answer; one that is given wins over one that failed to come.
    func answer(to application: TransportApplication) -> (record: FlowRecord, value: TransportEligibility)? {
        self.answers.filter { $0.value.application.id == application.id }.max { left, right in
            func rank(_ answer: (record: FlowRecord, value: TransportEligibility)) -> (Int, Int, String) {
                (
                    answer.value.review == .noAnswer ? 0 : 1, answer.value.answeredAt.secondsSinceEpoch,
                    answer.record.key.id
                )
            }
            return rank(left) < rank(right)
        }
    }

    /// Whether the transport system has decided: about this application, or, when it names none, about the same time.
    func isDecided(_ application: TransportApplication) -> Bool {
        self.decisions.contains { decision in
            guard !decision.preliminary else { return false }
            if let about = decision.application { return about.id == application.id }
            let isSameSchool = decision.organisation.map {
                self.school(of: $0.id) == application.organisation.map { self.school(of: $0.id) }
            }
            return isSameSchool != false && decision.decidedDate >= SwedishTime.day(application.submittedAt.secondsSinceEpoch)
                && decision.startDate ?? application.startDate <= application.endDate ?? decision.startDate
                    ?? application.startDate
                && application.startDate <= decision.endDate ?? application.startDate
        }
    }

    /// What the flow itself decided under this id last time.
    func earlier(_ id: String) throws -> TransportDecision? {
        try self.state.earlier.first { $0.key.id == id }.map { try TransportDecision(json: $0.json) }
    }

    func facts(of application: TransportApplication) -> TransportFacts {
        let start = application.startDate
        let unit = application.organisation?.id ?? ""
        let school = self.school(of: unit)
        let current = self.placements.filter { placement in
            (placement.schoolType == .fth || placement.schoolType == .oppfth)
                && placement.startDate <= application.endDate ?? placement.startDate && placement.endDate ?? start >= start
        }
        // The one applied for, else one elsewhere, else whichever there is: by id, so that it stays the same one.
        let named = current.first { $0.id == application.placement?.id }
        let elsewhere = current.first { self.school(of: $0.placedAt.id) != school }
        let placement = named ?? elsewhere ?? current.first
        var facts = TransportFacts(
            school: unit,
            address: application.address ?? self.pupil?.addresses?.first { $0.type == .registered }
                ?? self.pupil?.addresses?.first,
            placement: placement?.id, placedAt: placement?.placedAt.id)
        facts.isPlacedElsewhere = elsewhere != nil
        facts.isEnrolled =
            self.pupil?.enrolments?.contains { enrolment in
                enrolment.cancelled != true && self.school(of: enrolment.enroledAt.id) == school && enrolment.startDate <= start
                    && enrolment.endDate ?? start >= start
            } ?? false
        return facts
    }

    /// The school that a unit belongs to: units of one school are at one place. A school is its own.
    private func school(of unit: String) -> String {
        let organisation = self.state.lookedUp(RecordKey(.organisation, unit))?.json
        guard organisation?["organisationType"]?.stringValue == OrganisationType.schoolUnit.rawValue else { return unit }
        return organisation?["parentOrganisation"]?["id"]?.stringValue ?? unit
    }
}
