public import Foundation
public import Hub
public import Logging

/// The keys of an issuer of tokens, fetched from its JWK set when they are needed and kept in memory; see ``KeyBook`` for how long.
public actor IssuerKeys {
    /// Fetches a document whole, of a bounded length and within a bounded time; throws when none comes with status 200.
    public typealias Fetch = @Sendable (_ url: String) async throws -> Data

    /// Where the JWK set is.
    public nonisolated let url: String
    private let fetch: Fetch
    private let clock: HubClock
    private let logger: Logger
    private var book = KeyBook()
    private var fetching: Task<Void, Never>?

    public init(url: String, clock: HubClock, logger: Logger, fetch: @escaping Fetch) {
        self.url = url
        self.clock = clock
        self.logger = logger
        self.fetch = fetch
    }

    /// How many keys the issuer's set has now, fetched anew.
    ///
    /// - Throws: what `fetch` throws; `CocoaError` (`coderInvalidValue`) for what is no set of keys for ES256.
    public func probe() async throws -> Int {
        guard let keys = KeyBook.keys(try await self.fetch(self.url)) else { throw CocoaError(.coderInvalidValue) }
        return keys.count
    }

    /// The key of a name: never `.fetch`.
    func key(_ id: String) async -> KeyBook.Answer {
        let answer = self.book.look(id, at: self.clock.now())
        switch answer {
        // Whose key is known waits for nobody else's.
        case .key: return answer
        case .fetch: self.fetching = self.fetching ?? self.begin()
        case .none, .away: break
        }
        guard let fetching else { return answer }
        await fetching.value
        return self.book.look(id, at: self.clock.now(), hasFetched: true)
    }

    /// A fetch that goes on although the request that it is for may end, since others wait for it too.
    private func begin() -> Task<Void, Never> {
        self.book.begin(at: self.clock.now())
        return Task {
            let document = try? await self.fetch(self.url)
            self.finish(document.flatMap(KeyBook.keys))
        }
    }

    private func finish(_ keys: [String: KeyBook.Key]?) {
        self.fetching = nil
        let now = self.clock.now()
        if let keys { return self.book.take(keys, at: now) }
        self.book.fail()
        let until = self.book.holds(at: now).map { RFC3339.text($0) } ?? "-"
        self.logger.warning(
            "The keys of an issuer of tokens can't be fetched",
            metadata: ["issuer": "\(Origin(self.url)?.description ?? "?")", "known_keys_hold_until": "\(until)"])
    }
}
