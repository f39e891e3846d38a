import Foundation
import SchoolAPI

/// Reads `api.*` and collects everything that is wrong.
struct APIConfigurationReader {
    let settings: NamedSettings
    let text: (String) -> String?
    private(set) var problems: [String] = []

    init(_ settings: NamedSettings, _ text: @escaping (String) -> String?) {
        self.settings = settings
        self.text = text
    }

    mutating func read() -> APIConfiguration {
        var api = APIConfiguration()
        api.clientSettings = self.settings
        api.listen = self.text("api.listen")
        api.publicURL = self.text("api.public_url")
        if let text = api.publicURL, Origin(text) == nil {
            self.problems.append("api.public_url: it must be an address such as https://api.kommun.example.")
        }
        switch self.text("api.behind_proxy") {
        case nil, "false": break
        case "true": api.isBehindProxy = true
        case .some(let other): self.problems.append("api.behind_proxy: \"\(other)\" is neither true nor false.")
        }
        if let text = self.text("api.subscription_hours") {
            if let hours = Int(text), (1...8760).contains(hours) {
                api.subscriptionHours = hours
            } else {
                self.problems.append("api.subscription_hours: \"\(text)\" is no whole number from 1 to 8760.")
            }
        }
        self.checkListen(api)
        for name in self.settings.names.sorted() {
            if let client = self.client(name, api) { api.clients.append(client) }
        }
        self.checkApart(api.clients)
        return api
    }

    private mutating func checkListen(_ api: APIConfiguration) {
        guard let text = api.listen else { return }
        guard let address = HubConfiguration.ListenAddress(text) else {
            self.problems.append("api.listen: \"\(text)\" is no address to listen at. Write host:port, e.g. 127.0.0.1:8086.")
            return
        }
        if !address.isLoopback, !api.isBehindProxy {
            self.problems.append(
                "api.listen: \(text) is reached from other machines, and the hub doesn't encrypt. Let a reverse proxy with TLS (and, where "
                    + "it is asked for, client certificates) pass requests on and set api.behind_proxy: true, or listen at 127.0.0.1."
            )
        }
        if self.settings.names.isEmpty {
            self.problems.append(
                "api.listen: nobody may fetch. Name at least one client: api.clients.<name>.system and .secret.file.")
        }
    }

    private mutating func client(_ name: String, _ api: APIConfiguration) -> APIConfiguration.Client? {
        let before = self.problems.count
        let isPlain = name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" }
        if !isPlain || name.isEmpty || name.count > 40 {
            self.complain(name, nil, "a client's name is up to 40 of a-z, 0-9, - and _.")
        }
        let system = self.value(name, "system")
        if system == nil { self.complain(name, "system", "is missing: the system whose provide.yaml says what it may fetch.") }
        let signIn = self.signIn(name, api)
        let notify = self.value(name, "notify")
        if let notify, Origin(notify) == nil {
            self.complain(name, "notify", "it must be an address such as https://library.example.")
        }
        let notifyTokens = self.values(name, "notify_tokens", APIConfiguration.notifyTokenSettings)
        if !notifyTokens.isEmpty { self.checkNotifyTokens(name, notify, notifyTokens) }
        let spelling = NoticeSpelling(name: self.value(name, "notify_spelling") ?? "standard")
        if spelling == nil {
            self.complain(name, "notify_spelling", "write standard (modifiedEntites) or corrected (modifiedEntities).")
        }
        guard self.problems.count == before, let system, let signIn, let spelling else { return nil }
        return APIConfiguration.Client(
            name: name, system: system, signIn: signIn, notify: notify, notifyTokens: notifyTokens, spelling: spelling)
    }

    private mutating func signIn(_ name: String, _ api: APIConfiguration) -> APIConfiguration.SignIn? {
        let secrets = [
            self.value(name, "secret.env").map(APIConfiguration.Secret.environment),
            self.value(name, "secret.file").map(APIConfiguration.Secret.file),
        ].compactMap(\.self)
        let tokens = self.values(name, "tokens", APIConfiguration.tokenSettings)
        guard secrets.count + (tokens.isEmpty ? 0 : 1) == 1 else {
            self.complain(
                name, nil,
                "write where its secret is, either secret.env: NAME or secret.file: path, or what tokens of somebody else's it brings: "
                    + "tokens.issuer_keys and the like. One of them.")
            return nil
        }
        if let secret = secrets.first { return .secret(secret) }
        return self.tokens(name, tokens, api).map(APIConfiguration.SignIn.tokens)
    }

    private mutating func tokens(
        _ name: String, _ values: [String: String], _ api: APIConfiguration
    ) -> APIConfiguration.Tokens? {
        let before = self.problems.count
        if values["issuer_keys"].map(Self.isSafe) != true {
            self.complain(
                name, "tokens.issuer_keys",
                "it must be the https address of the issuer's keys, such as https://issuer.example/.well-known/jwks.json.")
        }
        if values["organisation_id"] == nil {
            self.complain(name, "tokens.organisation_id", "is missing: whose tokens are taken, such as SE2021004185.")
        }
        let location = (values["location"] ?? api.publicURL).flatMap(TokenLocation.init)
        if location == nil {
            self.complain(
                name, "tokens.location",
                "it must be the address that tokens are for, such as https://api.kommun.example/v2.0. Without it, that of api.public_url holds."
            )
        }
        guard self.problems.count == before, let keys = values["issuer_keys"], let organisation = values["organisation_id"],
            let location
        else { return nil }
        return APIConfiguration.Tokens(
            issuerKeys: keys, ca: values["ca"], organisationID: organisation, access: values["access"] ?? "ss12000-api",
            location: location, issuer: values["issuer"], audience: values["audience"], entityID: values["entity_id"])
    }

    /// No token is to be good for two clients.
    private mutating func checkApart(_ clients: [APIConfiguration.Client]) {
        var seen: [(name: String, tokens: APIConfiguration.Tokens)] = []
        for client in clients {
            guard case .tokens(let tokens) = client.signIn else { continue }
            let same = seen.first { other in
                other.tokens.issuerKeys == tokens.issuerKeys && other.tokens.organisationID == tokens.organisationID
                    && (other.tokens.entityID == nil || tokens.entityID == nil || other.tokens.entityID == tokens.entityID)
            }
            if let same {
                self.complain(
                    client.name, "tokens.entity_id",
                    "a token would be good for \(same.name) too. Give both an entity_id, each its own, or make one client of them."
                )
            }
            if let other = seen.first(where: { $0.tokens.issuerKeys == tokens.issuerKeys && $0.tokens.ca != tokens.ca }) {
                self.complain(client.name, "tokens.ca", "write the same as for \(other.name): the keys are the same issuer's.")
            }
            seen.append((client.name, tokens))
        }
    }

    /// What can be told without opening a file; see `NoticeTokens` for the rest.
    private mutating func checkNotifyTokens(_ name: String, _ notify: String?, _ values: [String: String]) {
        for setting in ["token_url", "location"] where values[setting].map(Self.isSafe) != true {
            self.complain(name, "notify_tokens.\(setting)", "it must be an address that begins with https.")
        }
        guard let notify else {
            return self.complain(name, "notify", "is missing: notify_tokens says how notices are signed that nobody gets.")
        }
        if let location = values["location"], Origin(location) != Origin(notify) {
            self.complain(
                name, "notify_tokens.location", "it must be at \(notify) (notify), so that the tokens for it go nowhere else.")
        }
    }

    /// An address that tokens and keys may come from and go to: https, or of this machine.
    private static func isSafe(_ text: String) -> Bool {
        guard Origin(text) != nil, let parts = URLComponents(string: text), let host = parts.host else { return false }
        return parts.scheme?.lowercased() == "https" || ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host)
    }

    private func values(_ name: String, _ section: String, _ settings: [String]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: settings.compactMap { setting in
                self.value(name, "\(section).\(setting)").map { (setting, $0) }
            })
    }

    private func value(_ name: String, _ setting: String) -> String? {
        self.text("\(self.settings.prefix).\(name).\(setting)").flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func complain(_ name: String, _ setting: String?, _ text: String) {
        self.problems.append(self.settings.problem(name, setting, text))
    }
}

extension NoticeSpelling {
    /// By the word of the configuration.
    init?(name: String) {
        switch name {
        case "standard": self = .standard
        case "corrected": self = .corrected
        default: return nil
        }
    }
}
