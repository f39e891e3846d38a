import SchoolRecords

/// What paths can begin with at a place of a file: fields of the record, and names given by `each` and `let`.
struct PathScope {
    struct Name {
        let slot: Int
        /// What is known of the value; `nil` when nothing is.
        let shape: FieldShape?
    }

    /// What the record is known to have; `nil` when nothing is known of it.
    var record: RecordShape?
    var names: [String: Name] = [:]
    /// Whether `->` may be used: only records of the hub can be looked up.
    let canFollow: Bool
    let shared: SharedValues
    /// Unknown fields are only doubtful when the record isn't the hub's own.
    let unknownFieldsAreErrors: Bool

    /// The scope inside of a filter: paths begin at the element.
    func inside(_ element: FieldShape?) -> PathScope {
        var scope = self
        scope.record = element?.fields
        scope.names = [:]
        return scope
    }
}
