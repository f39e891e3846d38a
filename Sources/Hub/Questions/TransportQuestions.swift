public import Logging
public import Messaging
public import ServiceLifecycle

import Foundation
import Mapping
import SchoolRecords

/// Asks the transport system about applications as they come, and takes the answers into the register, where the flow
/// `transport-answer` finds them.
///
/// What is to be asked follows from the register alone: a live application whose present state has no answer. So nothing is
/// forgotten over a crash, and a question asked twice has one id and one answer. An answer that doesn't come in time becomes a
/// record that says so; one that comes later takes its place.
public struct TransportQuestions: Service {
    /// Who asks, in the names of queues.
    public static let asker = "transport-answer"
    /// The queue of changed applications.
    public static let queue = "ask.\(Self.asker)"

    private let broker: any Broker
    private let store: any HubStore
    private let mappings: MappingBook
    private let clock: HubClock
    private let logger: Logger
    private let open = OpenQuestions()
    private let turn = Turn()

    public init(
        broker: any Broker, store: any HubStore, mappings: MappingBook, clock: HubClock = .system, logger: Logger
    ) {
        self.broker = broker
        self.store = store
        self.mappings = mappings
        self.clock = clock
        var logger = logger
        logger[metadataKey: "flow"] = "\(Self.asker)"
        self.logger = logger
    }

    /// The queues that questions need.
    ///
    /// - Parameter systems: those that answer.
    public static func topology(answering systems: [String], isAsking: Bool) -> Topology {
        var topology = QuestionBus.topology(
            answering: systems, askers: isAsking ? [Self.asker] : [], deliveryLimit: HubTopology.deliveryLimit,
            deadLetterQueue: HubTopology.failedQueue)
        if isAsking {
            topology.queues.append(
                .init(
                    name: Self.queue, deliveryLimit: HubTopology.deliveryLimit, deadLetterQueue: HubTopology.failedQueue))
            topology.bindings.append(
                .init(exchange: RecordChange.exchange, queue: Self.queue, routingKey: "record.transportapplication.#"))
        }
        return topology
    }

    /// The source of the records that answers become.
    public static func source(of system: String) -> String { "\(system)-answers" }

    public func run() async throws {
        try await restarting("questions", logger: self.logger, clock: self.clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.takeAnswers() }
                group.addTask {
                    // Everything unanswered is asked again, under its old id.
                    try await self.lookAtAll()
                    try await self.takeChanges()
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await self.expire()
                        try await self.clock.sleep(.milliseconds(250))
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private var settings: FlowDescription? {
        self.mappings.set.flows[Self.asker].flatMap { $0.isEnabled ? $0 : nil }
    }

    // MARK: Asking

    private func lookAtAll() async throws {
        var last: String?
        while true {
            let page = try await self.store.liveRecords(of: .transportApplication, after: last, limit: 200)
            guard let end = page.last else { return }
            last = end.key.id
            try await self.look(Set(page.map(\.key)))
        }
    }

    private func takeChanges() async throws {
        try await self.broker.withSubscription(to: Self.queue, prefetch: 200) { subscription in
            while let batch = try await subscription.nextBatch(limit: 100, linger: .milliseconds(20)) {
                // What can't be read isn't an application's; the flow's own queue keeps it for people.
                try await self.look(Set(batch.messages.compactMap { try? RecordChange($0.message).key }))
                batch.acknowledge()
            }
        }
    }

    /// Asks about those applications that have no answer.
    func look(_ keys: Set<RecordKey>) async throws {
        guard let settings else { return }
        try await self.turn.take {
            let records = try await self.store.records(Array(keys))
            for key in keys.sorted() where key.entity == .transportApplication {
                try await self.look(key, records[key], settings)
            }
        }
    }

    private func look(_ key: RecordKey, _ record: RegisteredRecord?, _ settings: FlowDescription) async throws {
        let system = settings.text("system")
        guard let record, record.operation == .upserted,
            let application = try? TransportApplication(json: JSONValue(parsing: record.body)), let child = application.child?.id
        else {
            self.open.close(key.id)
            let own = RecordKey(.transportEligibility, Self.answerID(key.id, system))
            guard try await self.store.records([own])[own]?.operation == .upserted else { return }
            return try await self.take(RecordState(key: own, owner: nil, body: nil), about: key, system)
        }
        guard application.endDate ?? self.clock.calendarDate >= self.clock.calendarDate else { return }
        let question = Self.questionID(record, system)
        let about = try await self.store.records(
            about: child, entities: [.transportEligibility, .transportDecision])
        guard !about.contains(where: { Self.settles($0, application, question, system) }) else { return }
        let limit = Double(settings.integer("answer_within_seconds") ?? 30)
        let asked = RFC3339.date(record.time) ?? self.clock.now()
        let due = asked.addingTimeInterval(limit)
        let message = Question(
            id: question, wanted: .transportEligibility, system: system, about: key, time: record.time,
            answerBy: RFC3339.text(due), replyTo: QuestionBus.answerQueue(of: Self.asker),
            trace: TraceContext(message: question, in: try await self.trace(of: key)), body: record.publishedBody)
        guard self.open.wants(key.id, question: question, due: due) else { return }
        let outcomes = try await self.broker.publish([
            Publication(message.message, exchange: QuestionBus.exchange, routingKey: message.routingKey)
        ])
        if case .confirmed? = outcomes.first { self.open.wasAsked(key.id, question: question) }
        if case .failed(let error)? = outcomes.first {
            self.logger.error(
                "A question could not be asked; without an answer a person must look",
                metadata: ["question": "\(question)", "system": "\(system)", "error": "\(error.message)"])
        }
    }

    /// Whether a record about the child makes the question needless: it is the answer, one that the system gave by itself after the
    /// application was made, or the system's own decision.
    private static func settles(
        _ record: RegisteredRecord, _ application: TransportApplication, _ question: String, _ system: String
    ) -> Bool {
        guard let json = try? JSONValue(parsing: record.body), json["application"]?["id"]?.stringValue == application.id else {
            return false
        }
        if record.key.entity == .transportDecision { return json["preliminary"] == false }
        if record.source == Self.source(of: system) {
            return json["question"]?.stringValue == question && json["review"]?.stringValue != TransportReview.noAnswer.rawValue
        }
        let answered = (json["answeredAt"]?.stringValue).flatMap { Moment($0) }
        return (answered?.secondsSinceEpoch ?? 0) >= application.submittedAt.secondsSinceEpoch
    }

    /// Of an application in its present state; the same whoever asks again.
    static func questionID(_ record: RegisteredRecord, _ system: String) -> String {
        DerivedID.of(flow: "questions", system, record.key.id, "\(record.sequence)")
    }

    static func answerID(_ application: String, _ system: String) -> String {
        DerivedID.of(flow: Self.source(of: system), application)
    }

    // MARK: Answers

    private func takeAnswers() async throws {
        let queue = QuestionBus.answerQueue(of: Self.asker)
        try await self.broker.withSubscription(to: queue, prefetch: 100) { subscription in
            while let delivery = try await subscription.next() {
                do {
                    try await self.take(try Answer(delivery.message))
                    delivery.acknowledge()
                } catch let error as UndecodableMessage {
                    self.logger.error("An answer can't be read", metadata: ["reason": "\(error.reason)"])
                    delivery.refuse()
                } catch let error as RecordError {
                    self.logger.error("An answer isn't one", metadata: ["reason": "\(error)"])
                    delivery.refuse()
                }
            }
        }
    }

    /// Takes an answer: the first one to the question that is open. Others are late to a question that isn't asked any more, or
    /// the same once more.
    func take(_ answer: Answer) async throws {
        guard let settings else { return }
        let system = settings.text("system")
        try await self.turn.take {
            let application = RecordKey(.transportApplication, answer.about)
            guard answer.kind == .transportEligibility, let record = try await self.store.records([application])[application],
                record.operation == .upserted, Self.questionID(record, system) == answer.question
            else { return }
            guard let child = try TransportApplication(json: JSONValue(parsing: record.body)).child?.id else { return }
            let own = RecordKey(.transportEligibility, Self.answerID(answer.about, system))
            if let held = try await self.store.records([own])[own], held.operation == .upserted,
                let json = try? JSONValue(parsing: held.body), json["question"]?.stringValue == answer.question,
                json["review"]?.stringValue != TransportReview.noAnswer.rawValue
            {
                return
            }
            var json = (try? JSONValue(parsing: answer.body)) ?? .null
            if json.objectValue == nil { json = [:] }
            json["id"] = .string(own.id)
            json["application"] = ["id": .string(answer.about)]
            json["child"] = ["id": .string(child)]
            json["question"] = .string(answer.question)
            json["answeredAt"] = .string(answer.time)
            let body = try SchoolRecord.validate(.transportEligibility, json)
            try await self.take(RecordState(key: own, owner: child, body: body.canonicalData), about: application, system)
            self.open.close(answer.about)
        }
    }

    /// What is answered goes on with the application's trace, whoever answered.
    private func take(_ state: RecordState, about application: RecordKey, _ system: String) async throws {
        let trace = try await self.trace(of: application).flatMap { TraceContext(traceID: $0, parentID: String($0.suffix(16))) }
        _ = try await ChangeOrigin.$current.withValue(.reading(at: self.clock.timestamp, trace: trace)) {
            try await self.store.take(
                [state], withheld: [], failures: [], source: Self.source(of: system), time: self.clock.timestamp)
        }
    }

    private func trace(of key: RecordKey) async throws -> String? { try await self.store.passages(of: key).last?.trace }

    // MARK: Time

    /// Notes for every question whose time is up that there is no answer.
    func expire() async throws {
        guard let settings else { return }
        let system = settings.text("system")
        for (application, question, due) in self.open.overdue(at: self.clock.now()) {
            try await self.turn.take {
                let key = RecordKey(.transportApplication, application)
                let own = RecordKey(.transportEligibility, Self.answerID(application, system))
                let records = try await self.store.records([key, own])
                guard let record = records[key], record.operation == .upserted,
                    Self.questionID(record, system) == question
                else { return }
                if let held = records[own], held.operation == .upserted,
                    (try? JSONValue(parsing: held.body))?["question"]?.stringValue == question
                {
                    return
                }
                guard let child = try TransportApplication(json: JSONValue(parsing: record.body)).child?.id else { return }
                let json: JSONValue = [
                    "id": .string(own.id), "application": ["id": .string(application)], "child": ["id": .string(child)],
                    "outcome": .string(TransportOutcome.needsReview.rawValue),
                    "review": .string(TransportReview.noAnswer.rawValue), "question": .string(question),
                    "answeredAt": .string(RFC3339.text(due)),
                ]
                let body = try SchoolRecord.validate(.transportEligibility, json)
                try await self.take(RecordState(key: own, owner: child, body: body.canonicalData), about: key, system)
                self.logger.notice(
                    "A question got no answer in time", metadata: ["question": "\(question)", "system": "\(system)"])
            }
            self.open.close(application, question: question)
        }
    }
}
