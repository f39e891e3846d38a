import Testing

/// One hub with a console for all tests of a suite, none of which changes anything that another sees.
struct ConsoleOfSuite: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await ConsoleWalk.with { walk in try await ConsoleWalk.$ofSuite.withValue(walk) { try await function() } }
    }
}

extension Trait where Self == ConsoleOfSuite {
    /// See ``ConsoleWalk/ofSuite``.
    static var oneConsole: Self { Self() }
}

extension ConsoleWalk {
    /// What the suite's tests share, see ``ConsoleOfSuite``.
    @TaskLocal static var ofSuite: ConsoleWalk?
}
