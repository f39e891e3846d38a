import Console
import Foundation
import Hub

/// Reads ``ConsoleConfiguration`` and collects everything that is wrong.
struct ConsoleConfigurationReader {
    static let keys =
        [
            "console.listen", "console.public_url", "console.behind_proxy", "console.session.idle_minutes",
            "console.session.hours", "console.accounts",
        ] + Self.openIDKeys
    private static let openIDKeys = [
        "console.oidc.issuer", "console.oidc.client_id", "console.oidc.client_secret_file", "console.oidc.client_secret_env",
        "console.oidc.scopes", "console.oidc.name_claim", "console.oidc.groups_claim",
    ]
    /// Group → roles, and group → units: names that people give.
    static let roleSettings = NamedSettings("console.oidc.roles", [])
    static let unitSettings = NamedSettings("console.oidc.units", [])

    let roles: NamedSettings
    let units: NamedSettings
    let text: (String) -> String?
    private(set) var problems: [String] = []

    init(roles: NamedSettings, units: NamedSettings, _ text: @escaping (String) -> String?) {
        self.roles = roles
        self.units = units
        self.text = text
    }

    mutating func read() -> ConsoleConfiguration {
        var console = ConsoleConfiguration()
        console.listen = self.text("console.listen")
        console.behindProxy = self.truth("behind_proxy", false)
        console.hasAccounts = self.truth("accounts", true)
        let minutes = self.number("session.idle_minutes", 1...1440, 30)
        let hours = self.number("session.hours", 1...168, 12)
        if minutes > hours * 60 {
            self.problems.append("console.session.idle_minutes: it is longer than a whole session (console.session.hours).")
        }
        console.limits.idle = Double(minutes) * 60
        console.limits.whole = Double(hours) * 3600
        console.publicURL = self.publicURL()
        self.checkListening(console)
        self.readOpenID(&console)
        if console.listen != nil, !console.hasAccounts, console.openID == nil {
            self.problems.append(
                "console.accounts: nobody could sign in. Leave it true, or set up a provider under console.oidc.")
        }
        return console
    }

    /// Passwords and sessions must not go over a network that others read.
    private mutating func checkListening(_ console: ConsoleConfiguration) {
        let publicHost = console.publicURL.flatMap { URLComponents(string: $0)?.host }
        if let url = console.publicURL, !console.isSecure, publicHost.map({ !LocalHost.isLoopback($0) }) ?? true {
            self.problems.append(
                "console.public_url: \"\(url)\" isn't https: passwords would go over the network in clear. Have a reverse proxy speak "
                    + "TLS, and write https.")
        }
        if console.isSecure, !console.behindProxy {
            self.problems.append(
                "console.public_url: it is https, which the console itself doesn't speak. Have a reverse proxy speak it, and set "
                    + "console.behind_proxy: true.")
        }
        if console.behindProxy, console.publicURL == nil {
            self.problems.append(
                "console.behind_proxy: write the address by which people reach the proxy as console.public_url, e.g. "
                    + "https://hub.kommun.example.")
        }
        guard let listen = console.listen else { return }
        guard let address = HubConfiguration.ListenAddress(listen) else {
            self.problems.append(
                "console.listen: \"\(listen)\" is no address to listen at. Write host:port, e.g. 127.0.0.1:8086.")
            return
        }
        if !LocalHost.isLoopback(address.host), !console.behindProxy {
            self.problems.append(
                "console.listen: other machines reach \(address.host), and the console itself doesn't speak TLS: passwords would go "
                    + "over the network in clear. Listen at 127.0.0.1, or have a reverse proxy speak TLS, let nobody else reach this "
                    + "address, and set console.behind_proxy: true.")
        }
    }

    private mutating func publicURL() -> String? {
        guard var text = self.text("console.public_url") else { return nil }
        if text.hasSuffix("/") { text.removeLast() }
        let parts = URLComponents(string: text)
        guard ["http", "https"].contains(parts?.scheme ?? ""), parts?.host?.isEmpty == false, parts?.user == nil,
            parts?.path.isEmpty == true, parts?.query == nil, parts?.fragment == nil
        else {
            self.problems.append(
                "console.public_url: it must be an address such as https://hub.kommun.example, without a path: the console has a name "
                    + "of its own.")
            return nil
        }
        return text
    }

    private mutating func readOpenID(_ console: inout ConsoleConfiguration) {
        let isNamed = !self.roles.keys.isEmpty || !self.units.keys.isEmpty
        guard isNamed || Self.openIDKeys.contains(where: { self.text($0) != nil }) else { return }
        let issuer = self.issuer()
        let clientID = self.text("console.oidc.client_id") ?? ""
        if clientID.isEmpty {
            self.problems.append("console.oidc.client_id: write the id by which the provider knows the console.")
        }
        if self.text("console.public_url") == nil {
            self.problems.append(
                "console.oidc: the provider sends people back to console.public_url. Write it.")
        }
        var settings = OpenIDSettings(
            issuer: issuer ?? "", clientID: clientID, clientSecret: nil, publicURL: console.publicURL ?? "")
        if let scopes = self.text("console.oidc.scopes") {
            settings.scopes = scopes.split { $0 == " " || $0 == "," }.map(String.init).filter { $0 != "openid" }
        }
        settings.nameClaim = self.text("console.oidc.name_claim") ?? settings.nameClaim
        settings.groupsClaim = self.text("console.oidc.groups_claim") ?? settings.groupsClaim
        console.openIDSecret = self.secret()
        settings.roles = self.readRoles()
        settings.units = self.readUnits()
        console.openID = settings
    }

    private mutating func issuer() -> String? {
        guard let text = self.text("console.oidc.issuer") else {
            self.problems.append("console.oidc.issuer: write the provider's address, exactly as it calls itself.")
            return nil
        }
        let parts = URLComponents(string: text)
        let isLoopback = parts?.host.map(LocalHost.isLoopback) ?? false
        guard parts?.scheme == "https" || (parts?.scheme == "http" && isLoopback), parts?.host?.isEmpty == false,
            parts?.user == nil, parts?.query == nil, parts?.fragment == nil
        else {
            self.problems.append(
                "console.oidc.issuer: it must be an address such as https://login.kommun.example/realms/skola, without a query.")
            return nil
        }
        return text
    }

    private mutating func secret() -> ConsoleConfiguration.Secret? {
        switch (self.text("console.oidc.client_secret_file"), self.text("console.oidc.client_secret_env")) {
        case (nil, nil): return nil
        case (let file?, nil): return .file(file)
        case (nil, let name?): return .environment(name)
        case (_?, _?):
            self.problems.append(
                "console.oidc: client_secret_file and client_secret_env say the same thing. Take one of them away.")
            return nil
        }
    }

    private mutating func truth(_ key: String, _ standard: Bool) -> Bool {
        switch self.text("console.\(key)") {
        case nil: return standard
        case "true": return true
        case "false": return false
        case .some(let other):
            self.problems.append("console.\(key): \"\(other)\" is neither true nor false.")
            return standard
        }
    }

    private mutating func number(_ key: String, _ range: ClosedRange<Int>, _ standard: Int) -> Int {
        guard let written = self.text("console.\(key)") else { return standard }
        if let number = Int(written), range.contains(number) { return number }
        self.problems.append(
            "console.\(key): \"\(written)\" is no whole number from \(range.lowerBound) to \(range.upperBound).")
        return standard
    }

    // MARK: Groups

    private mutating func readRoles() -> [String: Set<ConsoleRole>] {
        var roles: [String: Set<ConsoleRole>] = [:]
        for (group, words) in self.groups(self.roles, "write the roles, with commas between them") {
            let unknown = words.filter { ConsoleRole(rawValue: $0) == nil }
            guard unknown.isEmpty else {
                let known = ConsoleRole.allCases.map(\.rawValue).joined(separator: ", ")
                self.problems.append(
                    self.roles.problem(
                        group, nil, "there is no role \"\(unknown.joined(separator: "\", \""))\". Known: \(known)."))
                continue
            }
            roles[group, default: []].formUnion(words.compactMap(ConsoleRole.init(rawValue:)))
        }
        if roles.isEmpty, self.problems.isEmpty {
            self.problems.append(
                "console.oidc.roles: no group has a role, so that nobody would get in. Write <group>: operator, or another role.")
        }
        return roles
    }

    private mutating func readUnits() -> [String: UnitScope] {
        var units: [String: UnitScope] = [:]
        for (group, words) in self.groups(self.units, "write ids of school units, with commas between them, or \"*\" for all") {
            units[group] = words == ["*"] ? .all : .units(Set(words))
        }
        return units
    }

    /// Who gets in stands in the file alone, as permissions do.
    private mutating func groups(_ settings: NamedSettings, _ remedy: String) -> [(String, [String])] {
        var groups: [(String, [String])] = []
        for key in settings.keys {
            if key.isFlag {
                self.problems.append("\(key.place): what groups may do stands in the configuration file alone.")
                continue
            }
            // What stands below a group has been told already.
            guard key.setting == nil else { continue }
            let words = (key.text ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard !words.contains(""), words == ["*"] || !words.contains("*") else {
                self.problems.append(settings.problem(key.name, nil, "\(remedy)."))
                continue
            }
            groups.append((key.name, words))
        }
        return groups
    }
}
