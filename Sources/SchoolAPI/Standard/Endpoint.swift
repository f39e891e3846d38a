import SchoolRecords

/// A field of an entity's records.
struct FieldPath: Sendable, Hashable {
    let entity: Entity
    /// Names with dots; a reference is named without its `id`.
    let path: String

    init(_ entity: Entity, _ path: String) {
        self.entity = entity
        self.path = path
    }
}

/// A query parameter that chooses records.
struct Filter: Sendable {
    enum Form: Sendable, Hashable {
        case id, text, date, moment
        case code([String])
    }

    enum Side: Sendable, Hashable { case onOrBefore, onOrAfter }

    /// How a record is held against the parameter's values.
    enum Rule: Sendable, Hashable {
        /// One of the values stands at the path.
        case value(String)
        /// One of the organisations, or one below it, stands at the path.
        case unit(String)
        /// A date or time; what has none is always meant.
        case bound(String, Side)
        /// Every value is part of one of the names.
        case names
        /// By way of other records.
        case way(Way)
        /// Together with others of its kind: which kind of relation, where, and when.
        case relationship
        case identifier(String)
    }

    /// How to get from a parameter to records by other records.
    enum Way: Sendable, Hashable {
        case groupMember, teacher, activityOfGroup, activityOfOrganisation, activityOfStudent, activityOfTeacher
        case eventOfOrganisation, placementOfGroup, studentAggregate, organisationOfActivity, schoolTypeOfActivity
    }

    let name: String
    let form: Form
    var isList = false
    var isRequired = false
    let rule: Rule
    /// The fields that it looks at: who may not read one of them may not ask by it.
    let reads: [FieldPath]
}

/// An order in which records can be asked for.
struct SortKey: Sendable, Hashable {
    /// `nil` for the time of the last change.
    let paths: [String]?
    let isDescending: Bool
}

/// Something that can be embedded.
struct Expansion: Sendable, Hashable {
    enum Way: Sendable, Hashable {
        /// The records that a reference points to.
        case referred(path: String, to: Entity, isList: Bool)
        /// The records of an entity that point here.
        case referring(Entity, path: String)
        /// Persons of whom this one is a responsible.
        case responsibleFor
        /// Groups that this person is a member of.
        case groupMemberships
        /// Duties with a role in this group.
        case assignmentRoles
    }

    let name: String
    let way: Way
    /// Without the members, as the standard says of embedded groups.
    var isFragment = false
    let reads: [FieldPath]
}

/// A list in the body of a lookup.
struct LookupKey: Sendable {
    let names: [String]
    let isID: Bool
    let rule: Filter.Rule
    let reads: [FieldPath]
}

/// What the standard has at an entity's path.
struct Endpoint: Sendable {
    let entity: Entity
    let filters: [Filter]
    let sortKeys: [String: SortKey]
    let expansions: [Expansion]
    /// Beside `ids`; `nil` when there is no lookup.
    let lookups: [LookupKey]?
    /// Whether one record can be asked for by its id.
    var hasRecords = true
    /// Whether `meta.created.*` and `meta.modified.*` can be asked by.
    var hasMeta = true
    /// Whether systems may write here in the standard, which this provider doesn't take.
    var isWritable = false
    /// Whether its records can be deleted in the standard.
    var isDeletable = false
}
