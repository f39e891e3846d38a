import Foundation
import Hub
import SchoolRecords

/// Lists in pages.
enum APIPage {
    static let usual = 100
    static let most = 500

    static let parameters = [
        APIField("limit", .integer(1...Int64(Self.most)), "So many at most; \(Self.usual) unless it says otherwise."),
        APIField("after", .text(least: 1, most: 400), "The `next` of the page before: what comes after it."),
    ]

    static func kind<Element>(of shape: APIShape<Element>) -> APIKind {
        .object([
            APIField("items", .list(of: shape.kind), isRequired: true, "What was found."),
            APIField("next", .text(most: 400), "Where the next page begins; missing on the last one."),
        ])
    }

    static func answer<Element>(
        _ items: [Element], _ shape: APIShape<Element>, next: String?, _ call: APICall
    ) -> APIAnswer {
        var body: [String: JSONValue] = ["items": .array(items.map { shape.json($0, call.language) })]
        if let next { body["next"] = .string(Self.cursor(next, of: call.operation.id)) }
        return APIAnswer(.object(body))
    }

    /// What callers give back as it is: which list, and after what.
    static func cursor(_ place: String, of list: String) -> String { Base64URL.text(Data("1|\(list)|\(place)".utf8)) }

    /// - Throws: ``APIProblem`` (400) for what is no cursor of this list.
    static func place(_ cursor: String, of list: String) throws -> String {
        let start = "1|\(list)|"
        guard let data = Base64URL.data(cursor), let text = String(data: data, encoding: .utf8), text.hasPrefix(start) else {
            throw APIProblem.badParameter(
                "after", sv: "är inget som den här listan har gett", en: "is nothing that this list has given")
        }
        return String(text.dropFirst(start.count))
    }
}

extension APICall {
    /// How many are asked for.
    var limit: Int { self.integer("limit").map(Int.init) ?? APIPage.usual }

    /// After what the page begins.
    ///
    /// - Throws: ``APIProblem`` (400).
    func after() throws -> String? { try self.text("after").map { try APIPage.place($0, of: self.operation.id) } }

    /// The same for lists that are counted through.
    func afterNumber() throws -> Int64? {
        guard let text = try self.after() else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw APIProblem.badParameter(
                "after", sv: "är inget som den här listan har gett", en: "is nothing that this list has given")
        }
        return number
    }

    /// A page of what is had as a whole.
    func page<Element>(_ all: [Element], _ shape: APIShape<Element>) throws -> APIAnswer {
        let start = Int(clamping: try self.afterNumber() ?? 0)
        let items = Array(all.dropFirst(start).prefix(self.limit))
        let end = start + items.count
        return APIPage.answer(items, shape, next: end < all.count && !items.isEmpty ? String(end) : nil, self)
    }
}
