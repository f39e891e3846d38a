import Hub
import Provisioning

/// Words for role plans.
struct RolePlanWords: Sendable {
    let language: Language

    init(_ language: Language) { self.language = language }

    /// What a plan does in all.
    struct Sum: Sendable {
        var granted = 0
        var changed = 0
        var revoked = 0

        init(_ parts: [KeptRolePlan.Part]) {
            for part in parts {
                self.granted += part.granted
                self.changed += part.changed
                self.revoked += part.revoked
            }
        }
    }

    func state(_ state: KeptRolePlan.State) -> String {
        switch state {
        case .open: self.language(sv: "väntar", en: "waits")
        case .applying: self.language(sv: "genomförs", en: "being carried out")
        case .applied: self.language(sv: "genomförd", en: "carried out")
        case .stopped: self.language(sv: "stoppad", en: "stopped")
        }
    }

    func tone(_ state: KeptRolePlan.State) -> Tone {
        switch state {
        case .open, .applying: .warn
        case .applied: .good
        case .stopped: .plain
        }
    }

    func state(_ state: RoleStepState.State) -> String {
        switch state {
        case .waiting: self.language(sv: "väntar på sin tur", en: "wait for their turn")
        case .taken: self.language(sv: "på väg", en: "on their way")
        case .delivered: self.language(sv: "framme", en: "delivered")
        case .nothing: self.language(sv: "inget att skriva", en: "nothing to write")
        case .failed: self.language(sv: "misslyckade", en: "failed")
        case .dependent: self.language(sv: "väntar på en annan post", en: "wait for another record")
        case .left: self.language(sv: "lämnade", en: "left")
        }
    }

    func look(_ action: PlanEntry.Action) -> String {
        switch action {
        case .grant: "plus"
        case .revoke: "minus"
        case .change: "tilde"
        case .keep, .block: "quiet"
        }
    }

    static func look(sign: String?) -> String {
        switch sign {
        case "+": "plus"
        case "-": "minus"
        case "~": "tilde"
        default: "quiet"
        }
    }

    /// Never rounded up to all.
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded(.down))) %" }
}
