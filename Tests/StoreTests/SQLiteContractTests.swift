import Testing

@Suite("SQLite keeps what a store promises")
struct SQLiteContractTests {
    @Test(arguments: StoreRequirement.all)
    func `kept over SQLite`(requirement: StoreRequirement) async throws {
        try await StoreFixture.with { fixture in try await requirement.verify(fixture.subject) }
    }
}
