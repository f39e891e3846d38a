import Foundation
import SchoolAPI

/// How the hub provides SS 12000 to other systems: `api.*`.
public struct APIConfiguration: Sendable {
    /// A system that may fetch, `api.clients.<name>`.
    public struct Client: Sendable, Hashable {
        public let name: String
        /// The system whose `provide.yaml` holds for it.
        public let system: String
        /// Where its secret is; never the secret itself.
        let secret: Secret
        /// Where its notices may be posted.
        public let notify: String?
    }

    /// A secret's place.
    enum Secret: Sendable, Hashable {
        case environment(String)
        case file(String)

        /// The secret as it is now; `nil` when it can't be had.
        var text: String? {
            switch self {
            case .environment(let name): return ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
            case .file(let path):
                let text = FileManager.default.contents(atPath: path).flatMap { String(data: $0, encoding: .utf8) }
                return text.map { $0.trimmingCharacters(in: .newlines) }.flatMap { $0.isEmpty ? nil : $0 }
            }
        }

        var place: String {
            switch self {
            case .environment(let name): "env \(name)"
            case .file(let path): "file \(path)"
            }
        }
    }

    /// `host:port`; `nil` = nothing is provided.
    public var listen: String?
    /// The address by which clients reach it.
    public var publicURL: String?
    /// Whether a reverse proxy encrypts and passes on.
    public var isBehindProxy = false
    /// Hours that a subscription lasts unless it is renewed.
    public var subscriptionHours = 168
    public var clients: [Client] = []
    var clientSettings = Self.settings

    static let keys = ["api.listen", "api.public_url", "api.behind_proxy", "api.subscription_hours"]
    static let settings = NamedSettings("api.clients", ["system", "secret.env", "secret.file", "notify"])

    /// Characters that a secret has at least: it is all that a client is known by.
    static let shortestSecret = 24
}

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
            if let client = self.client(name) { api.clients.append(client) }
        }
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

    private mutating func client(_ name: String) -> APIConfiguration.Client? {
        let before = self.problems.count
        let isPlain = name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" }
        if !isPlain || name.isEmpty || name.count > 40 {
            self.complain(name, nil, "a client's name is up to 40 of a-z, 0-9, - and _.")
        }
        let system = self.value(name, "system")
        if system == nil { self.complain(name, "system", "is missing: the system whose provide.yaml says what it may fetch.") }
        let secrets =
            [self.value(name, "secret.env").map(APIConfiguration.Secret.environment)]
            + [self.value(name, "secret.file").map(APIConfiguration.Secret.file)]
        let given = secrets.compactMap(\.self)
        if given.count != 1 {
            self.complain(name, nil, "write where its secret is: either secret.env: NAME or secret.file: path.")
        }
        let notify = self.value(name, "notify")
        if let notify, Origin(notify) == nil {
            self.complain(name, "notify", "it must be an address such as https://library.example.")
        }
        guard self.problems.count == before, let system, let secret = given.first else { return nil }
        return APIConfiguration.Client(name: name, system: system, secret: secret, notify: notify)
    }

    private func value(_ name: String, _ setting: String) -> String? {
        self.text("\(self.settings.prefix).\(name).\(setting)").flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func complain(_ name: String, _ setting: String?, _ text: String) {
        self.problems.append(self.settings.problem(name, setting, text))
    }
}

extension HubConfiguration.ListenAddress {
    /// Whether nobody but this machine reaches it.
    var isLoopback: Bool {
        ["localhost", "::1"].contains(self.host)
            || self.host.hasPrefix("127.") && self.host.split(separator: ".").count == 4
                && self.host.allSatisfy { $0.isNumber || $0 == "." }
    }
}

extension HubConfiguration {
    /// What `api.*` says of systems that nothing is provided to.
    func apiStrangers(_ known: Set<String>) -> [String] {
        self.api.clients.filter { !known.contains($0.system) }.map { client in
            self.api.clientSettings.problem(
                client.name, "system",
                "there is no \(client.system)/provide.yaml. There are: \(known.sorted().joined(separator: ", ")).")
        }
    }

    /// Which secrets of clients can't be had or are too short. Only who serves needs them.
    var apiSecretProblems: [String] {
        guard self.api.listen != nil else { return [] }
        return self.api.clients.compactMap { client in
            let name = if case .file = client.secret { "secret.file" } else { "secret.env" }
            guard let secret = client.secret.text else {
                return self.api.clientSettings.problem(
                    client.name, name,
                    "there is no secret (\(client.secret.place)). Put one there, e.g. made by: openssl rand -hex 32")
            }
            guard secret.count < APIConfiguration.shortestSecret else { return nil }
            return self.api.clientSettings.problem(
                client.name, name,
                "the secret is shorter than \(APIConfiguration.shortestSecret) characters. Make one by: openssl rand -hex 32")
        }
    }
}
