/// What a search has found, and what it has looked through.
public struct LeakReport: Sendable, Hashable, Codable {
    /// One text at one place, in one form.
    public struct Finding: Sendable, Hashable, Codable {
        /// A file's path, or what else was looked through. A name in which something was found isn't told, but its number in the file system.
        public let place: String
        /// Whether it stands in the name of the place rather than in it.
        public let isInName: Bool
        /// Of the first, in bytes.
        public let offset: Int
        /// From the outside inwards.
        public let forms: [LeakForm]
        /// Whose text it is, as an opaque id.
        public let owner: String
        /// What it tells.
        public let field: String
        /// How often.
        public var count: Int
    }

    public var findings: [Finding] = []
    /// How many files and other things were looked through.
    public var places = 0
    public var bytes = 0
    /// What couldn't be read or opened, and why.
    public var unread: [String: String] = [:]

    public init() {}
}
