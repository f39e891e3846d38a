import ConnectorKit

/// The calls of a batch, some at a time, and how many of them a system may fail at before it is the system that fails.
struct CallsAtOnce {
    /// So many rows of a batch may be what the system fails at; with more it is the system.
    private static let mostOutages = 3

    /// Calls under way at a time.
    let most: Int
    private var outages = 0

    init(most: Int) { self.most = most }

    /// Makes calls and takes their answers as they come.
    ///
    /// - Parameters:
    ///   - isWanted: asked right before a call would be made.
    ///   - take: gets each call's result, one at a time.
    /// - Throws: what `call` or `take` throws; the other calls are cancelled.
    func perform<Call: Sendable, Result: Sendable>(
        _ calls: [Call], where isWanted: (Call) -> Bool, _ call: @escaping @Sendable (Call) async throws -> Result,
        _ take: (Result) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Result.self) { group in
            var waiting = calls[...]
            var underWay = 0
            while true {
                while underWay < self.most, let next = waiting.popFirst() {
                    guard isWanted(next) else { continue }
                    group.addTask { try await call(next) }
                    underWay += 1
                }
                guard let result = try await group.next() else { return }
                underWay -= 1
                try await take(result)
            }
        }
    }

    /// Looks at an answer: an outage is the row's alone when the system is there for others.
    ///
    /// - Throws: the outage when there were too many; what `probe` throws.
    mutating func heed(_ answer: RowAnswer, _ probe: () async throws -> Void) async throws {
        guard case .outage(let failure) = answer else { return }
        self.outages += 1
        guard self.outages <= Self.mostOutages else { throw failure }
        try await probe()
    }
}
