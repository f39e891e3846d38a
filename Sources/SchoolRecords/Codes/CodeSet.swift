/// A closed list of values of SS 12000:2020 (2.1.0, section "enumerations").
public protocol CodeSet: RawRepresentable<String>, CaseIterable, Sendable, Hashable {
    /// The list's name in the standard.
    static var name: String { get }
    /// Other spellings that are read: those of version 2.0.0 and of known servers.
    static var aliases: [String: Self] { get }
}

extension CodeSet {
    public static var aliases: [String: Self] { [:] }

    /// Reads a value, also in an older spelling; `nil` when the list doesn't have it.
    public init?(code: String) {
        if let value = Self(rawValue: code) ?? Self.aliases[code] { self = value } else { return nil }
    }
}
