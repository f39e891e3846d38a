import ConnectorKit
import ConnectorTesting
import SchoolRecords
import StandIns
import TestChance
import Testing

/// Reports, changes and withdrawals in any order, over a connection that loses replies and breaks off.
@Suite("Whatever happens between two systems, they agree in the end")
struct RESTRandomTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>, [false, true])
    func `random batches over a bad connection leave what was meant, once`(_ seed: UInt64, _ posts: Bool) async throws {
        try await RESTHarness.with(posts: posts) { harness in
            var random = SeededRandom(seed: seed)
            let connector = try await harness.connector()
            var meant: [String: TargetRow] = [:]
            for number in 1...40 {
                var set: [TargetRow] = []
                var removed: [TargetRow] = []
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let pupil = Int.random(in: 1...8, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: set.append(harness.object(pupil, version: Int.random(in: 1...3, using: &random)))
                    case 1: set.append(harness.relation(pupil))
                    default: removed.append(harness.relation(pupil))
                    }
                }
                // Within a write what is removed comes before what is set.
                for row in removed { meant[row.kind + row.key] = nil }
                for row in set { meant[row.kind + row.key] = row }
                let write = TargetWrite(
                    record: RecordKey(.absence, "r"), sequence: Int64(number), set: set, removed: removed)
                let batch = TargetBatch(id: "\(number)-a", writes: [write])
                try await harness.misbehave(
                    [.lostReplies, .breaksOff, .tooManyRequests, nil].randomElement(using: &random) ?? nil)
                do {
                    try await #expect(connector.write(batch).isEmpty, "seed \(seed), batch \(number)")
                } catch is ConnectorFailure {
                    try await harness.misbehave(nil)
                    try await #expect(connector.write(batch).isEmpty, "seed \(seed), batch \(number)")
                }
            }
            try await harness.misbehave(nil)
            #expect(try await harness.held() == Set(meant.values), "seed \(seed)")
        }
    }
}
