import Foundation
import SchoolRecords

/// The place where the next page begins, and the request it belongs to: a page token carries the filters.
struct PageToken {
    var entity: String
    /// Names and values as they were asked.
    var parameters: [(name: String, value: String)]
    var limit: Int
    /// The last place given out, in the order of the records' making.
    var place: Int
    /// For `ModifiedDesc`: the last `modified` given out.
    var modified: Int64?

    func text(isRaw: Bool) -> String {
        let parameters = self.parameters.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        let members: [String: JSONValue] = [
            "e": .string(self.entity), "q": .array(parameters), "l": .integer(Int64(self.limit)),
            "p": .integer(Int64(self.place)), "m": self.modified.map { .integer($0) } ?? .null,
        ]
        // `?>` makes sure that a raw token has signs that must be encoded in a query.
        let data = Data((isRaw ? "?>>?" : "").utf8) + JSONValue.object(members).canonicalData
        let text = data.base64EncodedString()
        if isRaw { return text }
        return String(text.filter { $0 != "=" }.map { $0 == "+" ? "-" : ($0 == "/" ? "_" : $0) })
    }

    init(entity: String, parameters: [(name: String, value: String)], limit: Int, place: Int, modified: Int64?) {
        self.entity = entity
        self.parameters = parameters
        self.limit = limit
        self.place = place
        self.modified = modified
    }

    /// Reads a token of ours; `nil` for anything else.
    init?(_ text: String) {
        var encoded = String(text.map { $0 == "-" ? "+" : ($0 == "_" ? "/" : $0) })
        encoded += String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
        guard var data = Data(base64Encoded: encoded) else { return nil }
        if data.starts(with: Data("?>>?".utf8)) { data = Data(data.dropFirst(4)) }
        guard let value = try? JSONValue(parsing: data), let entity = value["e"]?.stringValue,
            let limit = value["l"]?.integerValue, let place = value["p"]?.integerValue,
            let list = value["q"]?.arrayValue, (1...1 << 40).contains(limit), (0...1 << 40).contains(place)
        else { return nil }
        self.entity = entity
        self.limit = Int(limit)
        self.place = Int(place)
        self.modified = value["m"]?.integerValue
        self.parameters = list.compactMap { pair in
            guard let pair = pair.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let value = pair[1].stringValue
            else { return nil }
            return (name, value)
        }
    }
}
