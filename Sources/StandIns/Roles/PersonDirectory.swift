public import SchoolRecords

/// Which person has which number: what the municipality's own export goes by where a system knows persons by number alone.
public struct PersonDirectory: Sendable {
    private let ids: [String: String]

    /// - Parameter persons: person documents.
    public init(_ persons: some Sequence<JSONValue>) {
        var ids: [String: String] = [:]
        for person in persons {
            guard let id = person["id"]?.stringValue, let number = person["civicNo"]?["value"]?.stringValue else { continue }
            ids[Self.plain(number)] = id
        }
        self.ids = ids
    }

    /// A person's id by a number in any of its forms with twelve characters.
    public func id(of number: String) -> String? { self.ids[Self.plain(number)] }

    private static func plain(_ number: String) -> String { number.filter { $0 != "-" } }
}
