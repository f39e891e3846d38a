/// This machine, as addresses name it.
public enum LocalHost {
    /// Whether a host's name or address is this machine's own, which nobody else can reach.
    ///
    /// - Parameter host: with or without brackets around an IPv6 address.
    public static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
