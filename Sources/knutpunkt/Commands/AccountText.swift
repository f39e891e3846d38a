import Hub
import KnutpunktApp

/// Accounts of the console as people read them; never their passwords.
struct AccountText {
    let language: Language

    func lines(_ accounts: [ConsoleAccount]) -> [String] {
        accounts.flatMap { account -> [String] in
            let shown = Shown(account)
            let locked = account.isLocked ? self.language(sv: " - låst", en: " - locked") : ""
            let shownName = account.displayName == account.name ? "" : " (\(account.displayName))"
            return [
                account.name + shownName + locked,
                "    " + self.language(sv: "roller", en: "roles") + ": " + shown.roles.joined(separator: ", "),
                "    " + self.language(sv: "skolenheter", en: "school units") + ": " + shown.units.joined(separator: ", "),
                "    " + self.language(sv: "system", en: "systems") + ": " + shown.systems.joined(separator: ", "),
            ]
        }
    }

    struct Shown: Encodable {
        let name: String
        let displayName: String
        let roles: [String]
        /// `*` for all.
        let units: [String]
        /// `*` for all.
        let systems: [String]
        let locked: Bool
        let created: String

        init(_ account: ConsoleAccount) {
            self.name = account.name
            self.displayName = account.displayName
            self.roles = account.roles.sorted()
            self.units =
                switch account.units {
                case .all: ["*"]
                case .units(let units): units.sorted()
                }
            self.systems =
                switch account.systems {
                case .all: ["*"]
                case .systems(let systems): systems.sorted()
                }
            self.locked = account.isLocked
            self.created = account.createdAt
        }
    }
}
