public import Hub

/// The table: what each role sees and does. Nothing else decides it. `docs/console-access.md` has it for people, and a test holds
/// the two together.
///
/// Whoever approves doesn't plan or correct, and whoever runs the hub sees nobody's data: a person who does both has both roles.
extension ConsoleRole {
    /// The parts of the console that it opens.
    public var areas: Set<ConsoleArea> {
        switch self {
        case .viewer: [.overview, .messages, .failed, .mappings, .agreement, .statistics]
        case .operator: [.overview, .messages, .failed, .mappings, .roles, .agreement, .person, .statistics, .intake]
        case .approver: [.overview, .messages, .failed, .mappings, .roles, .agreement, .statistics]
        case .support: [.overview, .messages, .failed, .agreement, .person]
        case .dataProtectionOfficer: [.overview, .messages, .mappings, .agreement, .person, .statistics, .privacy]
        case .administrator:
            [.overview, .messages, .failed, .mappings, .roles, .agreement, .statistics, .privacy, .settings, .intake]
        // Beside another role, by which they look at persons at all.
        case .cleared: []
        }
    }

    /// What may be done by it, as far as the hub's permissions allow it too.
    public var actions: Set<Permissions.Action> {
        switch self {
        case .viewer: []
        case .operator: [.replay, .edit, .discard, .see, .sync, .resend, .planRoles, .reconcile, .repair, .probe]
        case .approver: [.approve, .see, .approveChanges, .approveRoles, .applyRoles, .approveRepairs]
        case .support: [.see]
        case .dataProtectionOfficer: [.see]
        case .administrator: [.replay, .archive, .sync, .resend, .reconcile, .probe, .accounts]
        case .cleared: [.seeProtected]
        }
    }
}
