import Mapping
public import Foundation
import Hub
import Logging
import SchoolRecords
public import ServiceLifecycle

/// Tells subscribers when records of their kinds have changed, and keeps the index of terms up to date meanwhile.
///
/// A notice is posted as soon as it is due; changes that come while one can't be posted are told by the next together. One that isn't
/// answered with 2xx is tried again after 10 s, 1 min, 5 min, 30 min, and then every two hours until the subscription ends. What a
/// subscriber has been told of is kept in the store, so that a restart neither forgets nor repeats.
public struct NoticeService: Service {
    /// Posts a body of JSON to an address of a client: the answer's status. Throws ``NoticeProblem`` where there is more to say than
    /// that it can't be reached.
    public typealias Post = @Sendable (_ client: String, _ url: String, _ body: Data) async throws -> Int

    private static let pauses: [Double] = [10, 60, 300, 1800, 7200]
    private static let page = 200
    private static let atOnce = 8

    private let provider: Provider
    private let clients: [String: APIClient]
    private let pause: Duration
    private let post: Post

    /// - Parameters:
    ///   - clients: those that may have subscriptions.
    ///   - pause: between one look for changes and the next.
    ///   - post: may throw whatever keeps a notice from being posted.
    public init(provider: Provider, clients: [APIClient], pause: Duration = .seconds(1), post: @escaping Post) {
        self.provider = provider
        self.clients = Dictionary(clients.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.pause = pause
        self.post = post
    }

    public func run() async throws {
        try await repeating(
            "notices of SS 12000", every: self.pause, logger: self.provider.logger, clock: self.provider.clock
        ) {
            try await self.round()
        }
    }

    /// One look for changes, and the notices that are due.
    package func round() async throws {
        guard try await !self.provider.terms.work() else { return }
        let store = self.provider.store
        try await store.dropSubscriptions(expiredAt: self.provider.clock.timestamp)
        let numbers = try await store.changeNumbers()
        var last: String?
        repeat {
            let found = try await store.subscriptions(of: nil, after: last, limit: Self.page)
            last = found.count < Self.page ? nil : found.last?.id
            let now = self.provider.clock.timestamp
            let due = found.filter { subscription in subscription.due.map { $0 <= now } ?? true }
            for start in stride(from: 0, to: due.count, by: Self.atOnce) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for subscription in due[start..<min(due.count, start + Self.atOnce)] {
                        group.addTask { try await self.tell(subscription, numbers) }
                    }
                    try await group.waitForAll()
                }
            }
        } while last != nil
    }

    private func tell(_ subscription: ProviderSubscription, _ numbers: [Entity: ChangeNumbers]) async throws {
        // What isn't agreed any more isn't told; it is when it is agreed again.
        guard let client = self.clients[subscription.client],
            let provision = self.provider.mappings.set.provisions[client.system],
            (try? self.provider.check(subscription.target, of: client)) != nil
        else { return }
        let entities = subscription.entities.filter { provision.fields(of: $0) != nil }
        guard let notice = SubscriberNotice(subscription, entities, numbers) else { return }
        var problem: String?
        do {
            let status = try await self.post(client.name, subscription.target, notice.body(client.spelling))
            if !(200...299).contains(status) { problem = "it answered \(status)" }
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as NoticeProblem {
            problem = error.text
        } catch {
            problem = "it can't be reached"
        }
        var told = subscription.told
        guard let problem else {
            for entity in entities { told[entity] = numbers[entity] ?? ChangeNumbers() }
            return try await self.provider.store.noteNotice(subscription.id, told: told, attempts: 0, due: nil)
        }
        let pause = Self.pauses[min(subscription.attempts, Self.pauses.count - 1)]
        // The address can hold a token.
        self.provider.logger.warning(
            "A subscriber couldn't be told of changes",
            metadata: [
                "client": "\(client.name)", "subscription": "\(subscription.id)", "problem": "\(problem)",
                "again_after": "\(Int(pause)) s",
            ])
        try await self.provider.store.noteNotice(
            subscription.id, told: told, attempts: subscription.attempts + 1,
            due: RFC3339.text(self.provider.clock.now().addingTimeInterval(pause)))
    }
}

/// Why a notice couldn't be posted, in words that may stand in the log.
public struct NoticeProblem: Error {
    public let text: String

    public init(_ text: String) { self.text = text }
}
