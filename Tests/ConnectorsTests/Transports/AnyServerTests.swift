import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

/// A second server that differs from Edlevo in everything the standard leaves open is read by settings alone.
@Suite("Any SS 12000 server by configuration")
struct AnyServerTests {
    @Test func `the whole of a municipality is read from a server with other paths, pages, tokens and throttles`() async throws {
        let municipality = try SyntheticMunicipality(scale: .small, seed: 11, today: "2026-11-23")
        try await withEdlevoStandIn(EdlevoStandIn(municipality: municipality, dialect: .other)) { standIn in
            let clock = TestClock()
            let factoryMade = try ConnectorFactory.source(
                system: "elsewhere", settings: try await EdlevoHarness.settings(standIn), logger: ServerUnderTest.silent)
            try await factoryMade.probe()
            await factoryMade.shutdown()
            let connector = try SS12000Connector.make(
                system: "elsewhere", settings: try await EdlevoHarness.settings(standIn), clock: clock.clock,
                policy: RetryPolicy(), logger: ServerUnderTest.silent)
            var total = 0
            for entity in connector.entities {
                let ids = try await ServerUnderTest.ids(connector, entity).ids
                #expect(Set(ids) == Set(try await standIn.truth(entity).keys), "\(entity)")
                #expect(ids.count == Set(ids).count)
                total += ids.count
            }
            await connector.shutdown()
            #expect(total == municipality.recordCount)
            let log = await standIn.requests
            #expect(log.count(path: "token", status: 200) > 3, "tokens died in the middle of the run")
            #expect(log.count(status: 401) >= 3)
            #expect(log.count(status: 429) > 3)
            #expect(log.count(parameter: "pagetoken", status: 400) == 0)
        }
    }
}
