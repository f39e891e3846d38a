/// What somebody is in the console. A person may have several; what each of them may do is in `ConsoleRole+Grants.swift`.
public enum ConsoleRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// Sees how the hub does, and nothing of a person.
    case viewer
    /// Keeps messages going: corrects, sends again, plans.
    case `operator`
    /// Lets go what others have corrected, planned or held.
    case approver
    /// Answers those who ask about one person.
    case support
    /// Looks after the persons' privacy.
    case dataProtectionOfficer = "data-protection-officer"
    /// Runs the hub and keeps its accounts.
    case administrator

    /// How people read it.
    public var swedish: String {
        switch self {
        case .viewer: "läsare"
        case .operator: "handläggare"
        case .approver: "godkännare"
        case .support: "support"
        case .dataProtectionOfficer: "dataskyddsombud"
        case .administrator: "administratör"
        }
    }

    /// See ``swedish``.
    public var english: String {
        switch self {
        case .viewer: "viewer"
        case .operator: "operator"
        case .approver: "approver"
        case .support: "support"
        case .dataProtectionOfficer: "data protection officer"
        case .administrator: "administrator"
        }
    }
}
