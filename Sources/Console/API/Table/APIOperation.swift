import Foundation
import HTTPTypes
import Hub
import SchoolRecords

/// One thing that the API does: the route, what is checked before it, and what the contract says of it, in one.
struct APIOperation: Sendable {
    enum Access: Sendable {
        case anybody
        /// Whoever is signed in and sees a part of the console.
        case area(ConsoleArea)
        /// Whoever is signed in.
        case signedIn
        /// Who may hand in a source's records.
        case handingIn
    }

    enum Body: Sendable {
        /// A JSON object with these members and no others.
        case fields([APIField])
        /// Records as JSON or CSV.
        case records
    }

    struct Success: Sendable {
        let status: Int
        let kind: APIKind
        let note: String
    }

    let method: HTTPRequest.Method
    /// With `{name}` for parts that differ.
    let path: String
    /// By which programs know it: `operationId`.
    let id: String
    /// What it does, in a few words.
    let summary: String
    var note = ""
    let access: Access
    /// The right that it takes beside seeing the part of the console.
    var action: Permissions.Action?
    /// Parts of the path.
    var places: [APIField] = []
    var query: [APIField] = []
    var body: Body?
    let success: Success
    /// Statuses of problems that are its own.
    var problems: [Int] = []
    /// Whether a request may name itself (`Idempotency-Key`).
    var isRepeatable = false
    var example: JSONValue?
    let act: @Sendable (APICall) async throws -> APIAnswer

    var isReading: Bool { self.method == .get }

    /// The part of the API that it belongs to: the first part of its path.
    var tag: String {
        if self.path.hasPrefix(IntakeAPI.prefix) { return "intake" }
        return self.path.dropFirst(OpsAPI.prefix.count + 1).split(separator: "/").first.map(String.init) ?? "api"
    }

    /// The parts of a path that differ, when it is this one's.
    ///
    /// - Parameter parts: of the path that was asked for, still encoded.
    func match(_ parts: [Substring]) -> [String: String]? {
        let own = self.path.split(separator: "/", omittingEmptySubsequences: false)
        guard own.count == parts.count else { return nil }
        var found: [String: String] = [:]
        for (name, part) in zip(own, parts) {
            if name.hasPrefix("{") {
                guard !part.isEmpty, let value = String(part).removingPercentEncoding else { return nil }
                found[String(name.dropFirst().dropLast())] = value
            } else if name != part {
                return nil
            }
        }
        return found
    }
}

/// What an operation answers with.
struct APIAnswer: Sendable {
    var status: Int
    var body: JSONValue
    /// Where what was made is found.
    var location: String?

    init(_ body: JSONValue, status: Int = 200, location: String? = nil) {
        self.body = body
        self.status = status
        self.location = location
    }
}
