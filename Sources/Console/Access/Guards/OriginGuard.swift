import Foundation

/// Whether a request comes from the console's own pages, and to its own name.
///
/// Beside the token in each form: a page elsewhere can neither read the token nor hide where its request comes from.
public struct OriginGuard: Sendable, Hashable {
    /// What the guard looks at.
    public struct Headers: Sendable, Hashable {
        public var host: String?
        public var origin: String?
        /// `Sec-Fetch-Site`.
        public var fetchSite: String?

        public init(host: String?, origin: String?, fetchSite: String?) {
            self.host = host
            self.origin = origin
            self.fetchSite = fetchSite
        }
    }

    /// Scheme, host and port, as browsers write them; `nil` for a console without a name of its own, on loopback.
    private let origin: String?

    /// - Parameter publicURL: the console's address; `nil` for one that only this machine reaches.
    public init(publicURL: String?) {
        self.origin = publicURL.flatMap(Self.origin)
    }

    /// Whether a request names this console as its host: a name that somebody else makes lead here isn't its.
    public func isOwn(host: String?) -> Bool {
        guard let host = host?.lowercased(), !host.isEmpty else { return false }
        if let origin { return "https://\(host)" == origin || "http://\(host)" == origin }
        return Self.isLoopback(authority: host)
    }

    /// Whether something may be changed by a request.
    ///
    /// - Parameter needsProof: whether a request that says nothing of where it comes from is refused as well: where no session's token
    ///   stands for it, as when people sign in.
    /// - Throws: ``AccessRefusal`` (`foreign-form`).
    public func admit(_ headers: Headers, needsProof: Bool) throws {
        guard self.isOwn(host: headers.host) else { throw AccessRefusal.foreignForm("another host") }
        if let site = headers.fetchSite, site != "same-origin" { throw AccessRefusal.foreignForm("sent from another site") }
        if let origin = headers.origin {
            guard self.isOwn(origin: origin, host: headers.host) else { throw AccessRefusal.foreignForm("another origin") }
        } else if needsProof, headers.fetchSite == nil {
            throw AccessRefusal.foreignForm("no origin")
        }
    }

    private func isOwn(origin: String, host: String?) -> Bool {
        if let own = self.origin { return origin.lowercased() == own }
        // Another service on this machine is another origin: the port must be the same.
        return origin.lowercased() == "http://\(host?.lowercased() ?? "")"
    }

    /// Scheme and authority of an address, without the scheme's own port.
    public static func origin(_ url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), !host.isEmpty
        else { return nil }
        let isUsual = parts.port == nil || (scheme == "https" && parts.port == 443) || (scheme == "http" && parts.port == 80)
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return "\(scheme)://\(name)" + (isUsual ? "" : ":\(parts.port ?? 0)")
    }

    private static func isLoopback(authority: String) -> Bool {
        guard let parts = URLComponents(string: "http://\(authority)"), let host = parts.host, parts.user == nil,
            parts.path.isEmpty, parts.query == nil, parts.fragment == nil
        else { return false }
        return LocalHost.isLoopback(host)
    }
}

extension AccessRefusal {
    static func foreignForm(_ detail: String) -> AccessRefusal {
        AccessRefusal(
            .foreignForm, sv: "Formuläret kom inte från den här konsolens egen sida. Ladda om sidan och försök igen.",
            en: "The form didn't come from a page of this console. Reload the page and try again.", detail: detail)
    }

    /// For a form whose token isn't its session's.
    public static let staleForm = AccessRefusal.foreignForm("another session's token, or none")
    /// For a body beyond what a form may have.
    public static let tooLarge = AccessRefusal(
        .tooLarge, sv: "Det som skickades är för stort.", en: "What was sent is too large.")
    /// For a request beyond what ``RequestRate`` lets through.
    public static let tooManyRequests = AccessRefusal(
        .tooManyRequests, sv: "För många anrop. Vänta en stund.", en: "Too many requests. Wait a moment.", retryAfter: 5)
}
