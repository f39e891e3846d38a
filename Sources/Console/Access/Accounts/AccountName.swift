/// The names of the hub's own accounts.
public enum AccountName {
    /// A name as it is kept: small letters.
    ///
    /// - Returns: `nil` for what can't be one: a-z, 0-9, `.`, `_` and `-`, 2 to 64 of them, a letter first, and not one that the hub
    ///   itself has in the audit log. It never has an `@`, so that it isn't taken for somebody whom a sign-in service knows.
    public static func normal(_ text: String) -> String? {
        let name = text.lowercased()
        guard (2...64).contains(name.utf8.count), let first = name.utf8.first, Self.isLetter(first) else { return nil }
        let signs = Set("._-".utf8)
        let isName = name.utf8.allSatisfy { byte in
            Self.isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || signs.contains(byte)
        }
        return isName && !Self.reserved.contains(name) ? name : nil
    }

    /// Names by which the audit log knows the hub's own parts.
    static let reserved: Set<String> = ["hub", "console", "controller", "planner", "rule", "*"]

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}
