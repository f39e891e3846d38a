import Foundation
import Hub
import HummingbirdCore
import SchoolRecords

/// One request of the API, of somebody who may make it, checked against what its operation says of it.
struct APICall: Sendable {
    let operation: APIOperation
    let desk: ConsoleDesk
    /// Who asks, as the pages have it. Of those who needn't be signed in there is none.
    let visitor: APIVisitor?
    let language: Language
    let places: [String: JSONValue]
    let query: [String: JSONValue]
    /// What was sent; null where nothing is.
    let body: JSONValue
    /// What was sent of records, as it came.
    let records: APIRecords?

    /// Whoever asks.
    ///
    /// - Throws: ``APIProblem`` (401).
    var visit: Visit {
        get throws {
            guard let visitor else { throw APIProblem.unauthorized }
            return Visit(
                user: visitor.user, language: self.language, csrf: visitor.csrf ?? "", path: self.operation.path,
                query: Fields(), parameters: .init())
        }
    }

    func text(_ name: String) -> String? { self.query[name]?.stringValue }
    func integer(_ name: String) -> Int64? { self.query[name]?.integerValue }
    func isSet(_ name: String) -> Bool { self.query[name]?.boolValue ?? false }

    /// A part of the path.
    func place(_ name: String) -> String { self.places[name]?.stringValue ?? "" }
    func number(_ name: String) -> Int64 { self.places[name]?.integerValue ?? 0 }

    func word(_ name: String) -> String? {
        self.body[name]?.stringValue?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var reason: String { self.word("reason") ?? "" }
}

/// Records that were handed in.
struct APIRecords: Sendable {
    let data: Data
    let isCSV: Bool
}

/// Who asks the API.
struct APIVisitor: Sendable {
    let user: ConsoleUser
    /// What a session's requests must bring along; `nil` for a token, which no browser sends by itself.
    let csrf: String?
    /// The source that it may hand in records of, beside what its roles allow.
    let source: String?
}
