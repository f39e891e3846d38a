/// One kind of row, and where and how the receiving system takes it.
struct RESTResource: Sendable, Hashable {
    /// The kind of the rows.
    let kind: String
    /// Below the API's path, without slashes at its ends; a row is at `path/{key}`.
    let path: String
    /// The member of the body that holds a row's key.
    let keyMember: String
    /// Whether rows can be taken away again.
    let isDeletable: Bool
    /// Fields without which a row is no use.
    let required: [String]
    let body: BodyTemplate
}
