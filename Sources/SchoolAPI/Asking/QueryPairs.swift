import Foundation

/// The parameters of a query, in the order in which they came. A `+` is a space.
struct QueryPairs: Sendable, Hashable {
    let pairs: [(name: String, value: String)]

    /// - Throws: ``APIError`` for what is no text in UTF-8.
    init(_ query: String?) throws(APIError) {
        var pairs: [(name: String, value: String)] = []
        for part in (query ?? "").split(separator: "&", omittingEmptySubsequences: true) {
            let cut = part.firstIndex(of: "=")
            let name = try Self.decoded(cut.map { part[..<$0] } ?? part)
            pairs.append((name, try cut.map { cut throws(APIError) in try Self.decoded(part[part.index(after: cut)...]) } ?? ""))
        }
        self.pairs = pairs
    }

    init(_ pairs: [(name: String, value: String)]) { self.pairs = pairs }

    private static func decoded(_ text: Substring) throws(APIError) -> String {
        guard let decoded = text.replacing("+", with: " ").removingPercentEncoding, !decoded.utf8.contains(0) else {
            throw .badRequest(
                "bad-query", sv: "Frågan är inte riktigt kodad (RFC 3986, UTF-8).",
                en: "The query is not encoded as it should be (RFC 3986, UTF-8).")
        }
        return decoded
    }

    func values(_ name: String) -> [String] { self.pairs.filter { $0.name == name }.map(\.value) }

    static func == (left: QueryPairs, right: QueryPairs) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        for (name, value) in self.pairs {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
