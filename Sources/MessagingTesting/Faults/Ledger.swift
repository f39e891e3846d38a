import Foundation
package import Messaging
package import Testing

/// The books of one fault case: what stood in the outbox, what was applied, and whether the fault really happened.
///
/// Balanced when every id in the outbox was applied and no other, an id that came twice was the same message both times,
/// and the states of each record came in the order of their sequence (repeats aside).
package final class Ledger: Sendable {
    package struct State: Sendable {
        var outbox: [String: Message] = [:]
        var withdrawn: Set<String> = []
        var arrivals: [String: Int] = [:]
        var order: [String: [Int64]] = [:]
        /// Of first arrivals: those that the broker had handed out before, by record.
        var handedOutBefore: [String: [Int64]] = [:]
        var problems: [String] = []
        package var evidence: [String] = []
        /// Ids applied, each counted once.
        package var applied: Int { self.arrivals.count }
        /// Arrivals of an id that had arrived before.
        package var repeats = 0
        /// Arrivals that the broker marked as handed out before.
        package var redelivered = 0
        /// Ids that are still to come.
        package var open: Int { self.outbox.count - self.withdrawn.count - self.arrivals.count }
    }

    private let state = Observed(State())

    package init() {}

    package var now: State { self.state.value }

    /// A message is to be applied.
    package func enter(_ message: Message) {
        self.state.update { $0.outbox[message.id] = message }
    }

    /// The publisher was told for good that this one is not with the broker.
    package func withdraw(_ id: String) {
        self.state.update { _ = $0.withdrawn.insert(id) }
    }

    /// A receiver has this message.
    ///
    /// - Returns: whether it is the first time, so that it has an effect.
    @discardableResult
    package func apply(_ message: Message, deliveryCount: Int64 = 0) -> Bool {
        self.state.update { state in
            if deliveryCount > 0 { state.redelivered += 1 }
            var known = message
            // Told by the broker, not by the sender.
            known.headers = known.headers.filter { !$0.key.hasPrefix("x-") }
            switch state.outbox[message.id] {
            case nil: state.problems.append("'\(message.id)' was applied and never published")
            case .some(let original) where original != known: state.problems.append("'\(message.id)' came changed")
            case .some where state.withdrawn.contains(message.id):
                state.problems.append("'\(message.id)' was applied, and its publisher was told that it failed")
            default: break
            }
            state.arrivals[message.id, default: 0] += 1
            guard state.arrivals[message.id] == 1 else {
                state.repeats += 1
                return false
            }
            if let (key, sequence) = message.place {
                state.order[key, default: []].append(sequence)
                if deliveryCount > 0 { state.handedOutBefore[key, default: []].append(sequence) }
            }
            return true
        }
    }

    package func apply(_ incoming: IncomingMessage) {
        self.apply(incoming.message, deliveryCount: incoming.deliveryCount)
    }

    /// Tells by what the test knows that the fault was there. A case without such a word is no proof of anything.
    package func faultHappened(_ evidence: String) {
        self.state.update { $0.evidence.append(evidence) }
    }

    /// Waits until so many ids are applied.
    package func waits(forApplied count: Int, within limit: Duration = .seconds(40)) async throws {
        try await self.state.wait(for: "\(count) applied messages", within: limit) { $0.applied >= count }
    }

    /// Waits until nothing is open.
    package func waitsForAll(within limit: Duration = .seconds(60)) async throws {
        try await self.state.wait(for: "balance of the ledger", within: limit) { $0.open <= 0 }
    }

    /// Records an issue for everything that isn't as promised.
    ///
    /// - Parameter ordered: false when the publisher sent single messages again after later ones, as it was told to.
    package func verify(ordered: Bool = true, sourceLocation: SourceLocation = #_sourceLocation) {
        let state = self.now
        var problems = state.problems
        let missing = state.outbox.keys.filter { !state.withdrawn.contains($0) && state.arrivals[$0] == nil }.sorted()
        if !missing.isEmpty { problems.append("\(missing.count) never applied, e.g. '\(missing[0])'") }
        if ordered {
            for (key, sequences) in state.order.sorted(by: { $0.key < $1.key }) where sequences != sequences.sorted() {
                problems.append(
                    "record '\(key)' was applied in the order \(sequences), handed out before: \(state.handedOutBefore[key] ?? [])"
                )
            }
        }
        if state.evidence.isEmpty { problems.append("nothing tells that the fault happened") }
        for problem in problems.prefix(10) {
            Issue.record("\(problem) (seed \(FaultRandom.seed))", sourceLocation: sourceLocation)
        }
    }

    package var summary: String {
        let state = self.now
        return "\(state.applied) applied, \(state.repeats) repeated, \(state.redelivered) redelivered; "
            + state.evidence.joined(separator: "; ")
    }
}

extension Message {
    /// Which record and which of its states, when the headers tell.
    var place: (key: String, sequence: Int64)? {
        guard case .string(let key)? = self.headers["cloudEvents_partitionkey"],
            case .string(let text)? = self.headers["cloudEvents_sequence"], let sequence = Int64(text)
        else { return nil }
        return (key, sequence)
    }
}
