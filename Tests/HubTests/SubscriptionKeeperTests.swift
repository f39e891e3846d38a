import ConnectorKit
import Foundation
import Hub
import Logging
import SchoolRecords
import Synchronization
import Testing

@Suite("A hub keeps its subscriptions")
struct SubscriptionKeeperTests {
    /// A source that drops a subscription after a quarter of an hour, and fails every third call.
    private final class ForgetfulSource: SubscribableSource {
        private struct State {
            var now = Date(timeIntervalSince1970: 1_795_000_000)
            var held: [String: SourceSubscription] = [:]
            var calls = 0
            var made = 0
            var secondsWithout = 0.0
        }

        let system = "edlevo"
        let entities: [Entity] = [.placement]
        let wantedSubscription: WantedSubscription?
        private let state = Mutex(State())

        init(wants: Bool = true) {
            self.wantedSubscription =
                wants ? WantedSubscription(name: "knutpunkt", target: "https://hub.example", entities: [.placement]) : nil
        }

        var made: Int { self.state.withLock { $0.made } }
        var count: Int { self.state.withLock { $0.held.count } }
        var secondsWithout: Double { self.state.withLock { $0.secondsWithout } }

        /// A clock that moves on when somebody waits, for a day; then the wait is cancelled.
        var clock: HubClock {
            let start = self.state.withLock { $0.now }
            return HubClock(
                now: { self.state.withLock { $0.now } },
                sleep: { time in
                    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
                    let isOver = self.state.withLock { state in
                        let open = state.held.values.map { $0.expires.timeIntervalSince(state.now) }.max() ?? 0
                        state.secondsWithout += max(0, seconds - max(0, open))
                        state.now += seconds
                        return state.now > start + 86_400
                    }
                    if isOver { throw CancellationError() }
                })
        }

        private func call<Result>(_ work: (inout State) -> Result) throws(ConnectorFailure) -> Result {
            let result: Result? = self.state.withLock { state in
                state.calls += 1
                state.held = state.held.filter { $0.value.expires > state.now }
                let result = work(&state)
                return state.calls % 3 == 0 ? nil : result
            }
            guard let result else { throw ConnectorFailure(.transient, code: .connectionLost, message: "the reply was lost") }
            return result
        }

        func subscriptions() async throws -> [SourceSubscription] { try self.call { Array($0.held.values) } }

        func subscribe(_ wanted: WantedSubscription) async throws -> SourceSubscription {
            try self.call { state in
                state.made += 1
                let made = SourceSubscription(id: "s\(state.made)", wanted: wanted, expires: state.now + 900)
                state.held[made.id] = made
                return made
            }
        }

        func renew(_ id: String) async throws -> SourceSubscription? {
            try self.call { state in
                state.held[id] = state.held[id].map {
                    SourceSubscription(id: id, wanted: $0.wanted, expires: state.now + 900)
                }
                return state.held[id]
            }
        }

        func unsubscribe(_ id: String) async throws { try self.call { $0.held[id] = nil } }

        func read(_: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void) async throws {}
        func read(_: RecordKey) async throws -> SourceRecord? { nil }
        func deletions(after: Date) async throws -> [RecordKey] { [] }
        func probe() async throws {}
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `through a day of lost replies there is one at the end, and hardly a moment without`() async throws {
        let source = ForgetfulSource()
        let keeper = try #require(SubscriptionKeeper(source: source, clock: source.clock, logger: Self.logger))
        try await keeper.run()
        #expect(source.count == 1)
        #expect(source.made < 20)
        #expect(source.secondsWithout < 60)
    }

    @Test func `a source whose settings ask for none has no keeper`() {
        #expect(SubscriptionKeeper(source: ForgetfulSource(wants: false), logger: Self.logger) == nil)
    }
}
