public import ConnectorKit
public import Logging
public import Messaging
public import ServiceLifecycle

import Foundation
import SchoolRecords

/// Puts the questions that wait for a system to it and publishes the answers; a question leaves its queue when its answer is with the
/// broker. A system that is away is waited for: nothing is spent on an outage.
public struct AnswerService: Service {
    private let system: any AnsweringConnector
    private let broker: any Broker
    private let clock: HubClock
    private let logger: Logger
    private let lanes: Int

    /// - Parameter lanes: how many questions are put to the system at a time.
    public init(
        system: any AnsweringConnector, broker: any Broker, lanes: Int = 4, clock: HubClock = .system, logger: Logger
    ) {
        self.system = system
        self.broker = broker
        self.lanes = lanes
        self.clock = clock
        var logger = logger
        logger[metadataKey: "system"] = "\(system.system)"
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("answers", logger: self.logger, clock: self.clock) {
            let queue = QuestionBus.questionQueue(of: self.system.system)
            try await self.broker.withSubscription(to: queue, prefetch: self.lanes * 2) { subscription in
                try await subscription.forEach(lanes: self.lanes) { await self.handle($0.message) }
            }
        }
    }

    /// Answers one question. What can't be read as one is refused: the broker puts it where people look.
    private func handle(_ message: Message) async -> Verdict {
        let question: Question
        do {
            question = try Question(message, system: self.system.system)
        } catch {
            self.logger.error("A question can't be read", metadata: ["reason": "\(error.reason)"])
            return .refuse
        }
        var breaker = Breaker()
        while !Task.isCancelled {
            do {
                let body = try await TraceContext.$current.withValue(question.trace) { try await self.body(question) }
                let answer = Answer(
                    question: question.id, kind: question.wanted, system: self.system.system, about: question.about.id,
                    time: self.clock.timestamp, trace: question.trace, body: body.canonicalData)
                let outcomes = try await self.broker.publish([
                    Publication(answer.message, exchange: QuestionBus.exchange, routingKey: question.replyTo)
                ])
                guard case .failed(let error)? = outcomes.first else { return .acknowledge }
                throw ConnectorFailure(.transient, code: .answerNotTaken, message: error.message)
            } catch is CancellationError {
                return .giveBack
            } catch {
                let failure =
                    error as? ConnectorFailure ?? ConnectorFailure(.transient, code: .brokerFailed, message: "\(error)")
                let isFirst = breaker.state == .closed
                let wait = breaker.failed(failure)
                self.logger.log(
                    level: isFirst ? .warning : .debug, "A question can't be put to the system now; it waits",
                    metadata: [
                        "code": "\(failure.code)", "reason": "\(failure.message)", "wait": "\(wait)",
                        "remedy": "\(failure.runbook)",
                    ])
                do { try await self.clock.sleep(wait) } catch { return .giveBack }
            }
        }
        return .giveBack
    }

    /// What the system says. A question that it refuses, or answers with something that can't be understood, is for a person.
    private func body(_ question: Question) async throws -> JSONValue {
        let unclear: JSONValue = [
            "outcome": .string(TransportOutcome.needsReview.rawValue), "review": .string(TransportReview.unclear.rawValue),
        ]
        guard self.system.answers.contains(question.wanted), let document = try? JSONValue(parsing: question.body) else {
            return unclear
        }
        do {
            return try await self.system.answer(
                AskedQuestion(id: question.id, about: question.about, wanted: question.wanted, document: document))
        } catch let failure as ConnectorFailure where failure.kind == .rejected || failure.kind == .malformedReply {
            self.logger.warning(
                "The system can't answer a question; a person must look",
                metadata: [
                    "question": "\(question.id)", "code": "\(failure.code)", "reason": "\(failure.message)",
                    "remedy": "\(failure.runbook)",
                ])
            return unclear
        }
    }
}
