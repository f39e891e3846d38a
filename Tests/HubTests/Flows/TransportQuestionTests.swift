import ConnectorKit
import Foundation
import Hub
import Logging
import Mapping
import Messaging
import SchoolRecords
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Questions about transport")
struct TransportQuestionTests {
    /// A transport system that answers as told.
    private final class Vega: AnsweringConnector {
        struct State {
            var asked: [String] = []
            var outcome = "granted"
            /// How often it is away before it answers.
            var outages = 0
            var refuses = false
        }

        let system = "vega"
        let answers: Set<Entity> = [.transportEligibility]
        let state = Mutex(State())

        func answer(_ question: AskedQuestion) async throws -> JSONValue {
            try self.state.withLock { state in
                state.asked.append(question.id)
                if state.outages > 0 {
                    state.outages -= 1
                    throw ConnectorFailure(.systemUnavailable, code: .rowRefused, message: "nobody answers")
                }
                if state.refuses { throw ConnectorFailure(.rejected, code: .questionRefused, message: "no") }
                return ["outcome": .string(state.outcome), "distanceMetres": 4200, "limitMetres": 4000, "reasons": ["distance"]]
            }
        }

        func shutdown() async {}

        var cases: [String] { self.state.withLock { Set($0.asked).sorted() } }
        var asked: Int { self.state.withLock { $0.asked.count } }
    }

    /// A hub with a clock that is set by hand, and a broker that may lose what it is told to.
    private struct Scene {
        let hub: TestHub
        let vega = Vega()
        let time: SetClock
        let broker: any Broker

        var clock: HubClock { self.time.clock }

        func take(_ entity: Entity, _ json: JSONValue?, id: String, owner: String = "pupil-1", source: String = "eservice")
            async throws
        {
            let body = try json.map { try SchoolRecord.validate(entity, $0).canonicalData }
            _ = try await self.hub.store.take(
                [RecordState(key: RecordKey(entity, id), owner: body == nil ? nil : owner, body: body)], withheld: [],
                failures: [],
                source: source, time: self.clock.timestamp)
        }

        func apply(_ id: String = "app-1", street: String? = nil) async throws {
            var json: JSONValue = [
                "id": .string(id), "child": ["id": "pupil-1"], "organisation": ["id": "school-1"], "reasons": ["distance"],
                "submittedAt": "2026-11-20T08:00:00Z", "startDate": "2026-12-01",
            ]
            if let street { json["address"] = ["streetAddress": .string(street)] }
            try await self.take(.transportApplication, json, id: id)
        }

        func fill() async throws {
            try await self.take(
                .person,
                [
                    "id": "pupil-1", "givenName": "Prov", "familyName": "Provsson",
                    "enrolments": [["enroledAt": ["id": "school-1"], "schoolType": "GR", "startDate": "2026-08-01"]],
                ], id: "pupil-1", source: "edlevo")
        }

        var decisions: [TransportDecision] {
            get async throws {
                try await self.hub.store.liveRecords(of: .transportDecision, after: nil, limit: 100).map {
                    try TransportDecision(json: JSONValue(parsing: $0.body))
                }
            }
        }

        /// Runs the hub's parts until a condition holds; the store's own changes wake it.
        func run(answering: Bool = true, until condition: @escaping @Sendable () async throws -> Bool) async throws {
            let hub = self.hub
            let kind = FlowKind.transportAnswer
            try await self.broker.declare(
                HubTopology.topology(targets: [:], flows: [kind.name: kind.reads.map(\.rawValue)]))
            try await self.broker.declare(TransportQuestions.topology(answering: ["vega"], isAsking: true))
            var services: [any Service] = [
                OutboxRelay(store: hub.store, broker: self.broker, clock: self.clock, logger: hub.logger),
                FlowService(
                    kind, broker: self.broker, store: hub.store, mappings: hub.mappings, clock: self.clock, logger: hub.logger),
                TransportQuestions(
                    broker: self.broker, store: hub.store, mappings: hub.mappings, clock: self.clock, logger: hub.logger),
            ]
            if answering {
                services.append(AnswerService(system: self.vega, broker: self.broker, clock: self.clock, logger: hub.logger))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in services { group.addTask { try await service.run() } }
                for await _ in hub.store.changes(every: .milliseconds(20)) where try await condition() { break }
                group.cancelAll()
            }
        }

        func hasOutcome(_ outcome: TransportOutcome) async throws -> Bool {
            let decisions = try await self.decisions
            return decisions.map(\.outcome) == [outcome] && decisions.allSatisfy(\.preliminary)
        }
    }

    private final class SetClock: Sendable {
        private let now = Mutex(RFC3339.date("2026-11-20T07:59:59Z") ?? .distantPast)

        var clock: HubClock {
            HubClock(now: { self.now.withLock { $0 } }, sleep: { try await Task.sleep(for: min($0, .milliseconds(5))) })
        }

        func advance(_ seconds: Double) { self.now.withLock { $0 += seconds } }
    }

    /// Takes an answer for published and says that the connection was lost: the answerer must do it again.
    private final class LosingBroker: Broker {
        let inner = InMemoryBroker()
        private let losses = Mutex(0)

        init(losses: Int) { self.losses.withLock { $0 = losses } }

        func publish(_ publications: [Publication]) async throws -> [PublishOutcome] {
            let outcomes = try await self.inner.publish(publications)
            let isLost = self.losses.withLock { left in
                guard left > 0, publications.first?.routingKey.hasPrefix("answers.") == true else { return false }
                left -= 1
                return true
            }
            if isLost { throw BrokerError(.timedOut, "no confirm came") }
            return outcomes
        }

        func declare(_ topology: Topology) async throws { try await self.inner.declare(topology) }
        func withSubscription<Result: Sendable>(
            to queue: String, prefetch: Int, _ body: (any Subscription) async throws -> Result
        ) async throws -> Result { try await self.inner.withSubscription(to: queue, prefetch: prefetch, body) }
        func depth(of queue: String) async throws -> Int? { try await self.inner.depth(of: queue) }
        func probe() async throws { try await self.inner.probe() }
        func close() async { await self.inner.close() }
    }

    private func scene(_ broker: (any Broker)? = nil, _ body: (Scene) async throws -> Void) async throws {
        let set = try FlowFixture.set("transport-answer", "system: vega\nanswer_within_seconds: 30")
        try await TestHub.with(mappings: set) { hub in
            let scene = Scene(hub: hub, time: SetClock(), broker: broker ?? hub.broker)
            try await scene.fill()
            // What is applied for comes later than who applies: a decision goes on with the latest change that it follows from.
            scene.time.advance(1)
            try await body(scene)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an application is asked about and decided preliminarily at once`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            try await scene.run { try await scene.hasOutcome(.granted) }
            #expect(scene.vega.cases.count == 1)
            let decision = try #require(try await scene.decisions.first)
            #expect(decision.distanceMetres == 4200)
            let key = RecordKey(.transportDecision, decision.id)
            let why = try await scene.hub.store.derivations(of: [key])[key]
            #expect(why?.rule == "answer-granted")
            #expect(why?.origins.contains(RecordKey(.transportApplication, "app-1")) == true)
            // Started again, nothing is asked and nothing decided once more.
            let asked = scene.vega.asked
            try await scene.apply("app-2")
            try await scene.run { try await scene.decisions.count == 2 }
            #expect(scene.vega.asked == asked + 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `without an answer in time a person must look; the late answer is used`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            scene.time.advance(29)
            try await scene.run(answering: false) { try await scene.broker.depth(of: "questions.vega") == 1 }
            #expect(try await scene.decisions.isEmpty)
            scene.time.advance(2)
            try await scene.run(answering: false) { try await scene.hasOutcome(.needsReview) }
            #expect(try await scene.decisions.first?.reviews == [.noAnswer])
            let id = try await scene.decisions.first?.id
            scene.time.advance(3600)
            try await scene.run { try await scene.hasOutcome(.granted) }
            #expect(try await scene.decisions.map(\.id) == [id])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a restart it is asked again under the same id, and answered twice decides once`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            try await scene.run(answering: false) { try await scene.broker.depth(of: "questions.vega") == 1 }
            // The hub's second life asks again: two messages, one question.
            try await scene.run(answering: false) { try await scene.broker.depth(of: "questions.vega") == 2 }
            try await scene.run {
                guard scene.vega.asked >= 2, try await scene.broker.depth(of: "questions.vega") == 0 else { return false }
                return try await scene.hasOutcome(.granted)
            }
            #expect(scene.vega.cases.count == 1)
            let decision = try #require(try await scene.decisions.first)
            let record = try await scene.hub.store.records([RecordKey(.transportDecision, decision.id)]).values.first
            #expect(record?.sequence == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `replies lost after the answer was given lead to no second decision`() async throws {
        let broker = LosingBroker(losses: 3)
        try await self.scene(broker) { scene in
            try await scene.apply()
            try await scene.run {
                guard scene.vega.asked == 4, try await broker.depth(of: "answers.transport-answer") == 0 else { return false }
                return try await scene.hasOutcome(.granted)
            }
            #expect(scene.vega.cases.count == 1)
            let live = try await scene.hub.store.liveRecords(of: .transportEligibility, after: nil, limit: 10)
            #expect(live.map(\.sequence) == [1])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a system that is away is waited for, one that refuses leaves it to a person`() async throws {
        try await self.scene { scene in
            scene.vega.state.withLock { $0.outages = 4 }
            try await scene.apply()
            try await scene.run { try await scene.hasOutcome(.granted) }
            #expect(scene.vega.asked == 5)
            scene.vega.state.withLock { $0.refuses = true }
            try await scene.apply("app-2")
            try await scene.run { try await scene.decisions.count == 2 }
            #expect(try await scene.decisions.contains { $0.application?.id == "app-2" && $0.reviews == [.unclear] })
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a changed application is another question, and a late answer to the old one is passed over`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            try await scene.run { try await scene.hasOutcome(.granted) }
            let old = try #require(scene.vega.cases.first)
            scene.vega.state.withLock { $0.outcome = "refused" }
            scene.time.advance(60)
            try await scene.apply(street: "Lillgatan 2")
            try await scene.run { try await scene.hasOutcome(.refused) }
            #expect(scene.vega.cases.count == 2)
            let late = Answer(
                question: old, kind: .transportEligibility, system: "vega", about: "app-1", time: "2026-11-20T09:00:00.000Z",
                body: Data(#"{"outcome":"granted"}"#.utf8))
            _ = try await scene.broker.publish([
                Publication(late.message, exchange: QuestionBus.exchange, routingKey: "answers.transport-answer")
            ])
            try await scene.run { try await scene.broker.depth(of: "answers.transport-answer") == 0 }
            #expect(try await scene.hasOutcome(.refused))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a withdrawn application takes answer and preliminary decision with it`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            try await scene.run { try await scene.hasOutcome(.granted) }
            try await scene.take(.transportApplication, nil, id: "app-1")
            try await scene.run {
                let answers = try await scene.hub.store.liveRecords(of: .transportEligibility, after: nil, limit: 10)
                return try await scene.decisions.isEmpty && answers.isEmpty
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the system's own answers and decisions make the question needless`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            try await scene.take(
                .transportEligibility,
                [
                    "id": "own-1", "application": ["id": "app-1"], "child": ["id": "pupil-1"], "outcome": "refused",
                    "answeredAt": "2026-11-20T08:00:05Z",
                ], id: "own-1", source: "vega")
            try await scene.run { try await scene.hasOutcome(.refused) }
            #expect(scene.vega.asked == 0)
            try await scene.take(
                .transportDecision,
                [
                    "id": "final-1", "application": ["id": "app-1"], "child": ["id": "pupil-1"], "outcome": "granted",
                    "preliminary": false, "decidedDate": "2026-11-25",
                ], id: "final-1", source: "vega")
            // The preliminary one is withdrawn, the final one alone is left.
            try await scene.run { try await scene.decisions.map(\.id) == ["final-1"] }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is no answer goes where people look, and the right one is still taken`() async throws {
        try await self.scene { scene in
            try await scene.apply()
            for body in ["no json", #"{"outcome":"maybe"}"#] {
                try await scene.run(answering: false) { try await scene.broker.depth(of: "questions.vega") ?? 0 > 0 }
                let question = try await scene.broker.withSubscription(to: "questions.vega", prefetch: 1) { subscription in
                    guard let delivery = try await subscription.next() else { throw TestProblem("no question came") }
                    return try Question(delivery.message, system: "vega")
                }
                #expect(question.about == RecordKey(.transportApplication, "app-1"))
                #expect(question.replyTo == "answers.transport-answer")
                let trace = try #require(try await scene.hub.store.passages(of: question.about).last?.trace)
                #expect(question.trace?.traceID == trace)
                let answer = Answer(
                    question: question.id, kind: .transportEligibility, system: "vega", about: "app-1",
                    time: "2026-11-20T08:00:03.000Z", body: Data(body.utf8))
                _ = try await scene.broker.publish([
                    Publication(answer.message, exchange: QuestionBus.exchange, routingKey: question.replyTo)
                ])
            }
            try await scene.run {
                guard try await scene.broker.depth(of: "failed") == 2 else { return false }
                return try await scene.hasOutcome(.granted)
            }
            // Application, answer and decision are one trace.
            let trace = try await scene.hub.store.passages(of: RecordKey(.transportApplication, "app-1")).last?.trace
            let traced = try await scene.hub.store.records(inTrace: trace ?? "", limit: 9).keys
            #expect(Set(traced.map(\.entity)) == [.transportApplication, .transportEligibility, .transportDecision])
        }
    }

    @Test func `nothing of a protected pupil is asked or decided`() async throws {
        try await self.scene { scene in
            // Intake puts such an application into the vault: only the rest of it is seen by a flow.
            let protected = RecordKey(.transportApplication, "app-9")
            _ = try await scene.hub.store.take(
                [],
                withheld: [
                    WithheldRecord(opaqueKey: RecordKey(.transportApplication, "opaque-9"), key: protected, body: Data("{}".utf8))
                ],
                failures: [], source: "vega", time: scene.clock.timestamp)
            try await scene.apply()
            try await scene.run { try await scene.hasOutcome(.granted) }
            #expect(scene.vega.cases.count == 1)
        }
    }
}
