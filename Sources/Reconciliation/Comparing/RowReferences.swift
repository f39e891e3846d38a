/// Which fields of a system's rows name other rows of it by their keys: a membership its person.
public struct RowReferences: Sendable, Hashable {
    /// Row kind → field → the kind of row that it names.
    public let kinds: [String: [String: String]]

    public init(_ kinds: [String: [String: String]]) { self.kinds = kinds }

    /// What a row names, as rows without fields that tell who named them: `giver` is the kind and the key of the naming row.
    public func collect(_ kind: String, _ key: String, _ fields: [String: String], into named: inout PackedRows) {
        for (field, target) in self.kinds[kind] ?? [:] {
            guard let value = fields[field], !value.isEmpty else { continue }
            named.append(kind: target, key: value, fields: [:], giver: "\(kind)\u{0}\(key)")
        }
    }

    /// The naming row behind a giver of ``collect(_:into:)``.
    public static func naming(_ giver: String) -> (kind: String, key: String)? {
        guard let cut = giver.firstIndex(of: "\u{0}") else { return nil }
        return (String(giver[..<cut]), String(giver[giver.index(after: cut)...]))
    }

    /// Finds what is named and isn't held, by one pass over both in order.
    ///
    /// - Parameter report: a row that isn't held, and who names it; once for each naming.
    public static func broken(
        named: inout some PackedRowSource, held: inout some PackedRowSource, report: (PackedRow) throws -> Void
    ) throws {
        var found = try held.next()
        while let row = try named.next() {
            while let present = found, PackedRow.isBefore(present, row) { found = try held.next() }
            if found?.identity != row.identity { try report(row) }
        }
    }
}
