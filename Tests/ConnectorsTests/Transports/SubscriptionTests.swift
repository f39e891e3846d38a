import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite("An SS 12000 server tells of its changes")
struct SubscriptionTests {
    private static func with(
        _ body: (SS12000Connector, SS12000StandIn, TestClock) async throws -> Void
    ) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: "2026-11-23")
        let clock = TestClock()
        let standIn = try SS12000StandIn(.tempus, in: municipality, clock: clock.clock.now)
        try await withEdlevoStandIn(standIn) { standIn in
            var settings = try await EdlevoHarness.settings(standIn)
            settings["endpoints"] = ["placement": "placements", "absence": "absences"]
            settings["subscriptions"] = ["target": "https://hub.example/notices/tempus"]
            let connector = try ServerUnderTest.connector(settings, clock: clock)
            try await body(connector, standIn, clock)
            await connector.shutdown()
        }
    }

    @Test func `a subscription is made, found again, renewed and ended`() async throws {
        try await Self.with { connector, standIn, clock in
            let wanted = try #require(connector.wantedSubscription)
            #expect(wanted.entities == [.placement, .absence])
            let made = try await connector.subscribe(wanted)
            #expect(made.wanted == wanted)
            #expect(try await connector.subscriptions() == [made])
            clock.advance(by: .seconds(600))
            let renewed = try await connector.renew(made.id)
            #expect(renewed?.expires == made.expires + 600)
            try await connector.unsubscribe(made.id)
            try await connector.unsubscribe(made.id)
            let count = await standIn.subscriptionCount
            #expect(count == 0)
        }
    }

    @Test func `one that has expired is gone`() async throws {
        try await Self.with { connector, _, clock in
            let made = try await connector.subscribe(try #require(connector.wantedSubscription))
            clock.advance(by: .seconds(3601))
            #expect(try await connector.renew(made.id) == nil)
            #expect(try await connector.subscriptions().isEmpty)
        }
    }

    @Test func `what changed is told by kind, once, and with the standard's spelling`() async throws {
        try await Self.with { connector, standIn, _ in
            _ = try await connector.subscribe(try #require(connector.wantedSubscription))
            let schedule = try #require(await standIn.records(of: .attendanceSchedule).first)
            await standIn.delete(schedule.key)
            var notices = await standIn.takeNotices()
            #expect(notices.isEmpty)
            let absence: JSONValue = ["id": "00000000-0000-4000-8000-000000000001"]
            try await standIn.upsert(.absence, absence)
            try await standIn.upsert(.absence, absence)
            await standIn.delete(RecordKey(.absence, "00000000-0000-4000-8000-000000000001"))
            notices = await standIn.takeNotices()
            #expect(notices.map(\.target) == ["https://hub.example/notices/tempus"])
            #expect(notices.first?.body == ["modifiedEntites": ["Absence"], "deletedEntities": true])
            notices = await standIn.takeNotices()
            #expect(notices.isEmpty)
        }
    }

    @Test func `a server without subscriptions needs a person, and is read all the same`() async throws {
        try await ServerUnderTest.with(
            { $0.path.hasSuffix("subscriptions") ? .json("", status: 404) : .json(#"{"data":[],"pageToken":null}"#) },
            settings: { $0["subscriptions"] = ["target": "https://hub.example/notices"] }
        ) { connector, _ in
            for call in [
                { _ = try await connector.subscriptions() },
                { _ = try await connector.subscribe(try #require(connector.wantedSubscription)) },
            ] as [() async throws -> Void] {
                let failure = await #expect(throws: ConnectorFailure.self) { try await call() }
                #expect(failure?.kind == .misconfigured)
            }
            try await connector.probe()
        }
    }
}
