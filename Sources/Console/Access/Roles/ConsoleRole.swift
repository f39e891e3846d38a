public import Hub

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
    /// Sees protected persons, where the hub's permissions name them for it too.
    case cleared

    /// How people read it.
    public func name(in language: Language) -> String {
        switch self {
        case .viewer: language(sv: "läsare", en: "viewer")
        case .operator: language(sv: "handläggare", en: "operator")
        case .approver: language(sv: "godkännare", en: "approver")
        case .support: language(sv: "support", en: "support")
        case .dataProtectionOfficer: language(sv: "dataskyddsombud", en: "data protection officer")
        case .administrator: language(sv: "administratör", en: "administrator")
        case .cleared: language(sv: "behörig till skyddade", en: "cleared for protected persons")
        }
    }
}
