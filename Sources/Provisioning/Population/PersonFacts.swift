public import SchoolRecords

/// What roles can follow from of a person's record, and nothing else: no name, no number.
public struct PersonFacts: Sendable, Hashable {
    public struct Responsible: Sendable, Hashable {
        public let person: String
        public let relation: RelationType?

        public init(person: String, relation: RelationType? = nil) {
            self.person = person
            self.relation = relation
        }
    }

    public let id: String
    /// Whether the person's identity is protected.
    public let isProtected: Bool
    public let isDeceased: Bool
    /// Those that aren't cancelled.
    public let enrolments: [Enrolment]
    /// Who is responsible for this person.
    public let responsibles: [Responsible]

    public init(
        id: String, isProtected: Bool = false, isDeceased: Bool = false, enrolments: [Enrolment] = [],
        responsibles: [Responsible] = []
    ) {
        self.id = id
        self.isProtected = isProtected
        self.isDeceased = isDeceased
        self.enrolments = enrolments
        self.responsibles = responsibles
    }

    public init(_ person: Person) {
        self.init(
            id: person.id, isProtected: person.securityMarking?.isProtected ?? false,
            isDeceased: person.personStatus == .deceased,
            enrolments: (person.enrolments ?? []).filter { $0.cancelled != true },
            responsibles: (person.responsibles ?? []).compactMap { responsible in
                responsible.person.map { Responsible(person: $0.id, relation: responsible.relationType) }
            })
    }
}
