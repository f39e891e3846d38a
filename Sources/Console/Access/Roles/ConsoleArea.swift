/// A part of the console: what its navigation leads to.
public enum ConsoleArea: String, Sendable, Hashable, Codable, CaseIterable {
    /// How the hub and its flows do.
    case overview
    /// The journeys of messages and records, without what is in them.
    case messages
    /// Failed messages, replays and held changes.
    case failed
    /// The mappings, and with them who is given which field.
    case mappings
    /// Role plans and who has which role.
    case roles
    /// Whether the systems agree, and what differs.
    case agreement
    /// What each system has of one person: personal data.
    case person
    /// Numbers over time, and the quality of the sources.
    case statistics
    /// Who is given which data on persons, protected persons by number, and who has looked at whom.
    case privacy
    /// How the hub runs and is set up.
    case settings
    /// Handing in a file of records for a source.
    case intake
}
