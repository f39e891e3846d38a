public import SchoolRecords

/// One thing that the store has about a person.
public struct HeldItem: Sendable, Hashable {
    /// What kind it is: the table that it lies in.
    public let kind: String
    /// What stands in clear: column → text.
    public let fields: [String: String]
    /// What was sealed, opened.
    public let content: JSONValue?

    public init(kind: String, fields: [String: String], content: JSONValue?) {
        self.kind = kind
        self.fields = fields
        self.content = content
    }
}

/// Everything that the store has about one person.
public protocol PersonHoldings: Sendable {
    /// All of it, opened, kind by kind in the order of the way of a record. Whoever reads it has written to the audit log why.
    ///
    /// - Parameters:
    ///   - person: the opaque id.
    ///   - realID: the id in the source.
    ///   - keys: the records of and about the person, by the source's ids.
    func holdings(of person: String, realID: String, keys: Set<RecordKey>) async throws -> [HeldItem]
}
