/// One kind of row, and where and how the receiving system takes it.
struct RESTResource: Sendable, Hashable {
    /// How a row is written.
    enum Write: String, Sendable, CaseIterable {
        /// `PUT` to the row's address, created or replaced there.
        case put
        /// `POST` to the list, as SS 12000:2020 has it for absences, stays and stay schedules. What is there already isn't
        /// posted again; what is there otherwise is deleted first.
        case post
    }

    /// The kind of the rows.
    let kind: String
    /// Below the API's path, without slashes at its ends; a row is at `path/{key}`.
    let path: String
    /// The member of the body that holds a row's key.
    let keyMember: String
    let write: Write
    /// Whether rows can be taken away again.
    let isDeletable: Bool
    /// Fields without which a row is no use.
    let required: [String]
    let body: BodyTemplate
}
