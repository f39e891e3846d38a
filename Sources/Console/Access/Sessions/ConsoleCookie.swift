/// A cookie of the console, as it stands in headers (RFC 6265).
///
/// Where the console is served by https, its name begins with `__Host-`: browsers take such a cookie from this very host alone, by
/// https alone. On loopback without TLS it can't, and then it lacks `Secure` as well.
public struct ConsoleCookie: Sendable, Hashable {
    /// The name in the headers.
    public let name: String
    let isSecure: Bool

    /// - Parameters:
    ///   - suffix: what tells it from the console's other cookies; empty for the session's.
    ///   - isSecure: whether the console is served by https.
    init(_ suffix: String = "", isSecure: Bool) {
        self.name = (isSecure ? "__Host-knutpunkt" : "knutpunkt") + (suffix.isEmpty ? "" : "-\(suffix)")
        self.isSecure = isSecure
    }

    /// The `Set-Cookie` header that gives it to the browser.
    ///
    /// - Parameters:
    ///   - value: characters that need no escaping, see ``Secrets/token()``.
    ///   - seconds: how long the browser keeps it; `nil` = until it is closed.
    func set(_ value: String, seconds: Int? = nil) -> String {
        var parts = ["\(self.name)=\(value)", "Path=/", "HttpOnly", "SameSite=Lax"]
        if self.isSecure { parts.append("Secure") }
        if let seconds { parts.append("Max-Age=\(seconds)") }
        return parts.joined(separator: "; ")
    }

    /// The `Set-Cookie` header that takes it away.
    var clearing: String { self.set("", seconds: 0) }

    /// Its value in a `Cookie` header.
    ///
    /// - Returns: `nil` when it isn't there, and when it is there more than once: somebody else may have put one of them in.
    func value(in header: String?) -> String? {
        var values: [Substring] = []
        for part in (header ?? "").split(separator: ";") {
            let pair = part.drop { $0 == " " || $0 == "\t" }
            guard let equals = pair.firstIndex(of: "="), pair[..<equals] == self.name else { continue }
            values.append(pair[pair.index(after: equals)...])
        }
        guard values.count == 1, let value = values.first, !value.isEmpty else { return nil }
        return String(value)
    }
}
