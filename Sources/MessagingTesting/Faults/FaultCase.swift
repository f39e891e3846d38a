import Foundation
package import Messaging
package import Testing

/// One fault case under way: its chance, its books, its messages.
package struct FaultCase: Sendable {
    package let random: FaultRandom
    package let ledger = Ledger()
    /// Of this run of this case alone: names of queues and prefix of ids.
    package let name: String
    private let counters: Observed<Counters>

    private struct Counters {
        var number = 0
        var sequences: [Int: Int64] = [:]
    }

    /// Runs a case, holds it to its ledger and tells what happened.
    ///
    /// - Parameter ordered: see ``Ledger/verify(ordered:sourceLocation:)``.
    package static func run(
        _ variant: String = "", ordered: Bool = true, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (FaultCase) async throws -> Void
    ) async throws {
        // The name is written between backticks.
        let name = Test.current?.name.split(separator: "`").first.map(String.init) ?? "case"
        let title = variant.isEmpty ? name : "\(name), \(variant)"
        let this = FaultCase(
            random: FaultRandom(title), name: "fault.\(UUID().uuidString.lowercased())", counters: Observed(Counters()))
        try await body(this)
        this.ledger.verify(ordered: ordered, sourceLocation: sourceLocation)
        print("\(title): \(this.ledger.summary)")
    }

    /// Makes publications of new states of some records and enters them in the books.
    ///
    /// - Parameter queue: where the default exchange puts them.
    package func publications(
        _ count: Int, records: Int = 20, bytes: ClosedRange<Int> = 100...400, to queue: String
    ) -> [Publication] {
        (0..<count).map { _ in
            let record = self.random.number(0...records - 1)
            let (number, sequence) = self.counters.update { counters in
                counters.number += 1
                counters.sequences[record, default: 0] += 1
                return (counters.number, counters.sequences[record] ?? 1)
            }
            let message = Message(
                id: "\(self.name)-\(number)", contentType: "application/json",
                headers: [
                    "cloudEvents_partitionkey": .string("record-\(record)"), "cloudEvents_sequence": .string(String(sequence)),
                ],
                body: Data(repeating: UInt8(truncatingIfNeeded: number), count: self.random.number(bytes)))
            self.ledger.enter(message)
            return Publication(message, exchange: "", routingKey: queue)
        }
    }

    /// Publishes as the outbox relay does: what fails for now is sent again until the broker has it.
    ///
    /// - Returns: how many times a message had to be sent again by the caller.
    @discardableResult
    package func relay(
        _ publications: [Publication], through broker: any MessagePublisher, onRefusal: @Sendable () async throws -> Void = {}
    ) async throws -> Int {
        var open = publications
        var again = 0
        while true {
            let outcomes = try await broker.publish(open)
            open = zip(open, outcomes).compactMap { publication, outcome in
                if case .failed = outcome { publication } else { nil }
            }
            guard !open.isEmpty else { return again }
            again += open.count
            try await onRefusal()
        }
    }
}
