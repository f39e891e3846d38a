public import Foundation

/// A call to the provider.
public struct OpenIDCall: Sendable, Hashable {
    public let url: String
    /// A form to post; `nil` for a plain `GET`.
    public let form: String?
    public let headers: [String: String]

    init(url: String, form: String? = nil, headers: [String: String] = [:]) {
        self.url = url
        self.form = form
        self.headers = headers
    }
}

/// What the provider answered.
public struct OpenIDReply: Sendable, Hashable {
    public let status: Int
    public let body: Data

    public init(status: Int, body: Data) {
        self.status = status
        self.body = body
    }
}

/// Sends a call and reads the whole reply, of a bounded length and within a bounded time; follows no redirect. Throws when no
/// reply comes.
public typealias OpenIDTransport = @Sendable (OpenIDCall) async throws -> OpenIDReply
