import Foundation
import Messaging

/// The parts of an AMQP URL, as RabbitMQ's URI specification has them.
struct AMQPURL {
    var usesTLS: Bool
    var user = "guest"
    var password = "guest"
    var hasUser = false
    /// At least one, in the order of the URL.
    var endpoints: [Endpoint] = []
    var virtualHost = "/"
    var heartbeat: Int?
    /// `?auth_mechanism=…`.
    var mechanism: Mechanism?

    /// How we say who we are.
    enum Mechanism: String {
        case plain
        /// By the client certificate.
        case external
    }

    init(_ text: String) throws(BrokerError) {
        let scheme: Substring
        var rest: Substring
        guard let mark = text.range(of: "://") else { throw Self.wrong("it has no amqp:// or amqps:// in front") }
        scheme = text[..<mark.lowerBound]
        rest = text[mark.upperBound...]
        switch scheme.lowercased() {
        case "amqp": self.usesTLS = false
        case "amqps": self.usesTLS = true
        default: throw Self.wrong("it starts with neither amqp:// nor amqps://")
        }
        if let mark = rest.firstIndex(of: "?") {
            try self.read(parameters: rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        var path: Substring?
        if let mark = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if let mark = rest.lastIndex(of: "@") {
            let login = rest[..<mark]
            rest = rest[rest.index(after: mark)...]
            let colon = login.firstIndex(of: ":")
            self.hasUser = true
            self.user = try Self.decoded(login[..<(colon ?? login.endIndex)], "user")
            if let colon { self.password = try Self.decoded(login[login.index(after: colon)...], "password") }
        }
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            let (host, port) = try Self.hostAndPort(part, defaultPort: self.usesTLS ? 5671 : 5672)
            self.endpoints.append(Endpoint(host: host, port: port))
        }
        // By the letter `amqp://host/` is the vhost with an empty name, which nobody has: the default one is meant.
        if let path, !path.isEmpty {
            guard !path.contains("/") else { throw Self.wrong("a slash within the vhost must be written %2F") }
            self.virtualHost = try Self.decoded(path, "vhost")
        }
    }

    private static func wrong(_ what: String) -> BrokerError {
        BrokerError(.misconfigured, "amqp.url can't be used: \(what); write amqp://user:password@host:5672/vhost")
    }

    private static func decoded(_ text: Substring, _ part: String) throws(BrokerError) -> String {
        guard let value = String(text).removingPercentEncoding, !value.utf8.contains(0) else {
            throw Self.wrong("the \(part) is not percent-encoded as a URL must be")
        }
        guard value.utf8.count <= 255 else { throw Self.wrong("the \(part) is longer than 255 bytes") }
        return value
    }

    private static func hostAndPort(_ text: Substring, defaultPort: Int) throws(BrokerError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw Self.wrong("the address in brackets has no end") }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else { throw Self.wrong("something other than a port follows the host") }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let name = try Self.decoded(host, "host")
        guard !name.isEmpty, !name.contains(where: \.isWhitespace) else { throw Self.wrong("it names no host") }
        guard let port else { return (name, defaultPort) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw Self.wrong("the port is no number from 1 to 65535")
        }
        return (name, number)
    }

    private mutating func read(parameters query: Substring) throws(BrokerError) {
        for parameter in query.split(separator: "&") {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            switch pair.first {
            case "heartbeat":
                guard pair.count == 2, let seconds = Int(pair[1]), (1...3600).contains(seconds) else {
                    throw Self.wrong("heartbeat is no number of seconds from 1 to 3600")
                }
                self.heartbeat = seconds
            case "auth_mechanism":
                guard pair.count == 2, let mechanism = Mechanism(rawValue: pair[1].lowercased()) else {
                    throw Self.wrong("auth_mechanism is neither plain nor external")
                }
                self.mechanism = mechanism
            default:
                throw Self.wrong("the parameter '\(pair.first ?? "")' is unknown (there are auth_mechanism, heartbeat)")
            }
        }
    }
}
