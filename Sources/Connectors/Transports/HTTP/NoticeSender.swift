public import Foundation

/// Posts notices to those who subscribe to changes. It follows no redirects, and of an answer only the status counts.
public struct NoticeSender: Sendable {
    private let transport: AsyncHTTPTransport

    public init() {
        self.transport = AsyncHTTPTransport(
            limits: .init(connect: .seconds(10), reply: .seconds(20), bytes: 1 << 20), tls: nil)
    }

    /// Posts a body of JSON once.
    ///
    /// - Parameter token: shown as a bearer token; `nil` for none.
    /// - Returns: the answer's status.
    /// - Throws: what keeps it from being posted; holds nothing of the address.
    public func post(_ body: Data, to url: String, token: String? = nil) async throws -> Int {
        var call = HTTPCall(
            method: .post, url: url, headers: [(name: "content-type", value: "application/json")], body: Array(body))
        if let token { call.headers.append((name: "authorization", value: "Bearer \(token)")) }
        return try await self.transport.send(call).status
    }

    public func shutdown() async { await self.transport.shutdown() }
}
