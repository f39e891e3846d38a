import AsyncHTTPClient
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@Suite("The provider cuts off who is too slow, while others are served", .timeLimit(.minutes(2)))
struct PatienceTests {
    @Test(arguments: ["/token", "/v2.0/persons/lookup"]) func `a body that doesn't come to its end`(path: String) async throws {
        let patience = Patience(head: .seconds(60), body: .milliseconds(300), pace: 1 << 20, unread: .seconds(60))
        try await House.with(patience: patience) { house in
            var ask = HTTPClientRequest(url: house.url + "/token")
            ask.method = .POST
            let token = try await house.token("all")
            var request = HTTPClientRequest(url: house.url + path)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
            let (parts, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
            continuation.yield(ByteBuffer(string: "{"))
            request.body = .stream(parts, length: .known(Int64(1000)))
            let slow = Task { [request] in try await HTTPClient.shared.execute(request, timeout: .seconds(100)) }
            let other = try await HTTPClient.shared.execute(ask, timeout: .seconds(100))
            #expect(other.status.code == 400)
            await #expect(throws: (any Error).self) { try await slow.value }
            continuation.finish()
        }
    }
}
