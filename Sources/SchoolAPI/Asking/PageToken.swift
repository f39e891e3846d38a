import Foundation
import Hub
import SchoolRecords

/// What a client gives back to get the next page: the whole question, and where the last page ended. Sealed with the hub's key, since
/// where a page ended can be a name; so it can't be made up or changed, and holds over a restart.
struct PageToken: Sendable, Codable {
    /// Where a page ended.
    struct Place: Sendable, Hashable, Codable {
        /// The value that was sorted by; `nil` for none, or when it isn't sorted by a field.
        var value: String?
        let id: String
        let time: String
        /// The entity, where one list goes over several.
        var entity: String?
    }

    /// The client whose page it was.
    let client: String
    /// The path whose list it was.
    let path: String
    /// Names and values by turns.
    let query: [String]
    let limit: Int
    let place: Place

    init(client: String, path: String, query: QueryPairs, limit: Int, place: Place) {
        self.client = client
        self.path = path
        self.query = query.pairs.flatMap { [$0.name, $0.value] }
        self.limit = limit
        self.place = place
    }

    var pairs: QueryPairs {
        QueryPairs(stride(from: 0, to: self.query.count - 1, by: 2).map { (self.query[$0], self.query[$0 + 1]) })
    }

    private static let context = "page-token"

    func text(_ key: HubKey) throws -> String {
        try key.seal(JSONEncoder().encode(self), context: Self.context).base64URL
    }

    /// - Throws: ``APIError`` for a token of another client or path, and for what is none.
    init(_ text: String, client: String, path: String, key: HubKey) throws(APIError) {
        guard let sealed = Data(base64URL: text), let data = try? key.open(sealed, context: Self.context),
            let token = try? JSONDecoder().decode(PageToken.self, from: data), token.client == client, token.path == path
        else {
            throw .badRequest(
                "bad-page-token", sv: "pageToken är inget som den här listan har gett. Börja om utan pageToken.",
                en: "pageToken is none that this list has given. Begin again without pageToken.")
        }
        self = token
    }
}

extension Data {
    /// RFC 4648, section 5, without padding.
    var base64URL: String {
        self.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    init?(base64URL text: String) {
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") }) else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        self.init(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
