import Foundation
import Hub
import Mapping

/// How long the console's server takes for its pages over a store with very many failures, and the store's share of it.
struct Pages {
    let store: any HubStore
    let mappings: MappingSet

    /// - Returns: how long the slower of the overview and the failed messages by cause took, in milliseconds, the median of many.
    func measure() async throws -> Double {
        try await ConsoleHouse.with(self.store, mappings: self.mappings, targets: (0..<5).map { "system-\($0)" }) { house in
            var slowest = 0.0
            for path in [
                "/", "/failed", "/failed/list", "/failed/list?code=code-24", "/failed/5", "/messages", "/agreement", "/roles",
            ] {
                let time = try await house.time(path)
                if ["/", "/failed"].contains(path) { slowest = max(slowest, time.median) }
                let figures = [time.median, time.worst].map { String(format: "%8.1f", $0) }.joined()
                print("\("page \(path)".padding(toLength: 46, withPad: " ", startingAt: 0))\(figures) ms   \(time.bytes) bytes")
            }
            return slowest
        }
    }
}
