public import Foundation

/// An answer to a request that somebody may send again, because the first one's answer didn't come through.
public struct KeptAnswer: Sendable, Hashable, Codable {
    public let status: Int
    public let contentType: String
    /// Where what was made is found.
    public let location: String?
    public let body: Data

    public init(status: Int, contentType: String, location: String?, body: Data) {
        self.status = status
        self.contentType = contentType
        self.location = location
        self.body = body
    }
}

/// What is known of a request that names itself (`Idempotency-Key`).
public enum AnswerClaim: Sendable, Hashable {
    /// Nobody has sent it: it is the caller's to do, and to settle.
    case new
    /// It has been answered so.
    case answered(KeptAnswer)
    /// The key stands for another request.
    case otherRequest
    /// It is being done.
    case underWay
    /// It was begun by a process that is gone: nobody knows whether it was done.
    case unknown
}

/// Requests that were answered, so that the same one sent again does nothing and is answered alike. Kept over restarts, sealed.
public protocol KeptAnswers: Sendable {
    /// Claims a request, in one transaction.
    ///
    /// - Parameters:
    ///   - key: who asks and what they call the request, as a hash.
    ///   - request: a hash of what is asked for.
    ///   - process: names this process alone.
    ///   - time: RFC 3339 in UTC.
    ///   - oldest: what was claimed before it is forgotten.
    func claim(_ key: String, request: String, process: String, time: String, forgetting oldest: String) async throws
        -> AnswerClaim

    /// Keeps the answer of a request that was claimed.
    func settle(_ key: String, _ answer: KeptAnswer) async throws

    /// Forgets a claim: nothing was done.
    func release(_ key: String) async throws
}
