import Testing

/// One promise of the store protocols, checked on a store of its own.
struct StoreRequirement: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let check: @Sendable (StoreUnderTest) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
        self.testDescription = sentence
        self.check = check
    }

    func verify(_ subject: StoreUnderTest) async throws { try await self.check(subject) }

    /// Every store must keep all of them.
    static let all: [StoreRequirement] =
        Self.taking + Self.erasing + Self.reading + Self.staging + Self.vault + Self.protection + Self.sourceMarks + Self.outbox
        + Self.redelivery
        + Self.settling
        + Self.waiting + Self.retries + Self.failures + Self.replaying + Self.replays + Self.rules + Self.forms + Self.retention
        + Self.edits + Self.audit + Self.permissions + Self.counters + Self.held + Self.journeys + Self.flows
        + Self.rolePlans + Self.roles + Self.roleHistory + Self.rowEvidence + Self.reconcileRuns + Self.quality + Self.interop
        + Self.consoleAccounts + Self.consoleSessions
        + Self.providing + Self.forgetting
}
