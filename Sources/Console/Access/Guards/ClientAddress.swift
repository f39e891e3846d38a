import NIOCore

/// Where a request comes from.
public struct ClientAddress: Sendable, Hashable {
    /// The address as text, without a port.
    public let text: String
    /// Whether it came by https as far as the browser knows.
    public let isHTTPS: Bool

    /// - Parameters:
    ///   - peer: the address of the connection's other end.
    ///   - behindProxy: whether a reverse proxy is in front. Without one, the headers are what anybody writes, and aren't looked at.
    ///   - forwardedFor: the values of `X-Forwarded-For`, in their order.
    ///   - forwardedProto: the values of `X-Forwarded-Proto`.
    public init(peer: String, behindProxy: Bool, forwardedFor: [String], forwardedProto: [String]) {
        guard behindProxy else {
            self.text = peer
            self.isHTTPS = false
            return
        }
        // What the proxy saw is last; what is before it anybody may have written.
        let last = forwardedFor.last?.split(separator: ",").last.map { String($0).trimmingSpaces }
        self.text = last.flatMap(Self.valid) ?? peer
        self.isHTTPS = forwardedProto.last?.split(separator: ",").last.map { String($0).trimmingSpaces } == "https"
    }

    /// What requests are counted by: an IPv4 address, and of an IPv6 address the network that one household or school has.
    public static func network(of address: String) -> String {
        guard let socket = try? SocketAddress(ipAddress: address, port: 0), case .v6 = socket, let text = socket.ipAddress else {
            return address
        }
        // ::ffff:a.b.c.d is an IPv4 address.
        if text.hasPrefix("::ffff:"), text.contains(".") { return String(text.dropFirst(7)) }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false).map { $0.split(separator: ":") }
        let tail = halves.count > 1 ? halves[1] : []
        let zeros = Array(repeating: Substring("0"), count: max(0, 8 - halves[0].count - tail.count))
        return (halves[0] + zeros + tail).prefix(4).joined(separator: ":") + "/64"
    }

    /// An address as a proxy writes it, with or without port; `nil` when it is none.
    private static func valid(_ text: String) -> String? {
        var text = text
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            text = String(text[..<colon])
        }
        return (try? SocketAddress(ipAddress: text, port: 0)) == nil ? nil : text
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(self.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
