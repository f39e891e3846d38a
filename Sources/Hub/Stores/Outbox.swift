public import Messaging
public import SchoolRecords

/// A change that waits to be published.
public struct OutboxEntry: Sendable, Hashable {
    /// Grows with every entry; the order of publishing.
    public let position: Int64
    public let exchange: String
    public let routingKey: String
    /// The state to publish: the register's at the time of reading.
    public let change: RecordChange

    public init(position: Int64, exchange: String, routingKey: String, change: RecordChange) {
        self.position = position
        self.exchange = exchange
        self.routingKey = routingKey
        self.change = change
    }
}

/// What was taken and not yet confirmed by the broker.
///
/// An entry names a record and a sequence; the body is the register's. An entry whose record has moved on is dropped
/// by ``next(limit:after:)`` and counted as superseded: the later entry carries the newer whole state.
public protocol Outbox: Sendable {
    /// The first entries after a position, in order. Entries stay until ``published(_:)``.
    func next(limit: Int, after position: Int64) async throws -> [OutboxEntry]

    /// Removes entries that the broker has confirmed, and counts them.
    ///
    /// - Parameter time: when it did, RFC 3339 in UTC; remembered of the records' states.
    func published(_ positions: [Int64], at time: String?) async throws

    /// Entries that wait.
    func backlog() async throws -> Int

    /// Yields when something may have changed in the store, also by another process; at least once a `interval`.
    func changes(every interval: Duration) -> AsyncStream<Void>

    /// Puts records' present states in the queue of one system again.
    ///
    /// - Parameter reason: `retry`, `replay` or `reference`.
    func redeliver(_ keys: [RecordKey], to system: String, reason: String) async throws
}

extension Outbox {
    /// Removes entries that the broker has confirmed, without a time.
    public func published(_ positions: [Int64]) async throws { try await self.published(positions, at: nil) }

    /// The first entries of all.
    public func next(limit: Int) async throws -> [OutboxEntry] { try await self.next(limit: limit, after: 0) }
}
