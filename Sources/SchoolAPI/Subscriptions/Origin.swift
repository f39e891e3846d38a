import Foundation

/// Scheme, host and port of an address on the web.
public struct Origin: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// `nil` for what is no such address, or has a user's name or a fragment in it.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = parts.host?.lowercased(),
            !host.isEmpty, parts.user == nil, parts.password == nil, parts.fragment == nil
        else { return nil }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        guard (1...65_535).contains(port) else { return nil }
        self.description = "\(scheme)://\(host):\(port)"
    }
}
