import ConnectorKit
import ConnectorTesting
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

@Suite("Cases of an Open ePlatform")
struct OpenEPlatformTests {
    @Test("keep the contract of sources", arguments: SourceConnectorRequirement.all)
    func contract(_ requirement: SourceConnectorRequirement) async throws {
        try await OpenEPlatformHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test(arguments: OpenEPlatformStandIn.Form.allCases, ["path", "query"])
    func `are read however documents are written and statuses are asked for`(
        _ form: OpenEPlatformStandIn.Form, _ statusIn: String
    ) async throws {
        try await OpenEPlatformHarness.with(form, statusIn: statusIn) { harness in
            try await Self.expectAll(harness, harness.fresh())
        }
    }

    private static func expectAll(_ harness: OpenEPlatformHarness, _ connector: OpenEPlatformConnector) async throws {
        let held = try await harness.held(.transportApplication)
        #expect(!held.isEmpty)
        #expect(try await Self.read(connector) == held)
        await connector.shutdown()
    }

    /// What a reading gives, by id.
    private static func read(
        _ connector: any SourceConnector, _ scope: ReadScope = .full, of entity: Entity = .transportApplication
    ) async throws -> [String: JSONValue] {
        let pages = Pages()
        try await connector.read(entity, scope: scope) { await pages.take($0) }
        return await pages.documents
    }

    private actor Pages {
        var documents: [String: JSONValue] = [:]
        var broken: [BrokenRecord] = []
        func take(_ page: SourcePage) {
            for record in page.records { self.documents[record.key.id] = record.document }
            self.broken += page.broken
        }
    }

    // MARK: Changes

    @Test func `before everything has been read once, changes and deletions can't be told`() async throws {
        try await OpenEPlatformHarness.with { harness in
            let connector = try await harness.fresh()
            let changes = await #expect(throws: ConnectorFailure.self) {
                _ = try await Self.read(connector, .modifiedAfter(OpenEPlatformHarness.now))
            }
            let deletions = await #expect(throws: ConnectorFailure.self) {
                _ = try await connector.deletions(after: OpenEPlatformHarness.now)
            }
            #expect(changes?.needsFullRead == true && deletions?.needsFullRead == true)
            await connector.shutdown()
        }
    }

    @Test func `a case that moves is read again or gone, and comes back, whatever its time says`() async throws {
        try await OpenEPlatformHarness.with(isEmpty: true) { harness in
            let number = await harness.standIn.apply(OpenEPlatformHarness.form(1), daysAgo: 300)
            let id = OpenEPlatformHarness.id(number)
            let connector = try await harness.connector()
            let start = harness.clock.clock.now()
            func step() -> Date {
                harness.clock.advance(by: .seconds(60))
                return harness.clock.clock.now()
            }
            try await #expect(Self.read(connector, .modifiedAfter(start)).isEmpty)
            await harness.standIn.move(number, to: "Beviljat")
            try await #expect(Self.read(connector, .modifiedAfter(step())).keys.sorted() == [id])
            try await #expect(Self.read(connector, .modifiedAfter(step())).isEmpty)
            await harness.standIn.move(number, to: "Avslås")
            let moved = step()
            try await #expect(connector.deletions(after: start) == [RecordKey(.transportApplication, id)])
            try await #expect(connector.deletions(after: moved).isEmpty)
            try await #expect(connector.read(RecordKey(.transportApplication, id)) == nil)
            await harness.standIn.move(number, to: "Inskickat")
            try await #expect(Self.read(connector, .modifiedAfter(step())).keys.sorted() == [id])
            try await #expect(connector.deletions(after: start).isEmpty)
            await connector.shutdown()
        }
    }

    @Test func `a new case is read at once, an old one that is completed by the next full reading`() async throws {
        try await OpenEPlatformHarness.with(isEmpty: true) { harness in
            let old = await harness.standIn.apply(OpenEPlatformHarness.form(1), daysAgo: 300)
            let recent = await harness.standIn.apply(OpenEPlatformHarness.form(2), daysAgo: 10)
            let connector = try await harness.connector()
            let start = harness.clock.clock.now()
            harness.clock.advance(by: .seconds(600))
            let new = await harness.standIn.apply(OpenEPlatformHarness.form(3))
            for number in [old, recent] { await harness.standIn.change(number, to: OpenEPlatformHarness.form(4)) }
            let changes = try await Self.read(connector, .modifiedAfter(start))
            #expect(Set(changes.keys) == Set([recent, new].map { OpenEPlatformHarness.id($0) }))
            let all = try await Self.read(connector)
            #expect(try await all == harness.held(.transportApplication) && all.count == 3)
            await connector.shutdown()
        }
    }

    @Test func `a list with an element without a number says of nobody that it is gone`() async throws {
        try await OpenEPlatformHarness.with { harness in
            let connector = try await harness.connector()
            let start = harness.clock.clock.now()
            let number = try #require(await harness.standIn.cases.keys.min())
            try await harness.delete(RecordKey(.transportApplication, OpenEPlatformHarness.id(number)))
            try await harness.standIn.setFaults(OpenEPlatformFaults { $0.numberless = 1 })
            try await #expect(connector.deletions(after: start).isEmpty)
            try await harness.standIn.setFaults(OpenEPlatformFaults())
            try await #expect(connector.deletions(after: start).count == 1)
            await connector.shutdown()
        }
    }

    // MARK: Requests to be contacted

    @Test func `of who wants to be contacted the number is read and nothing else is ever asked for`() async throws {
        try await OpenEPlatformHarness.with { harness in
            let shipped = try #require(ShippedSystem.mappings?.inactive["openeplatform"]?.side(.source)?.settings)
            let connector = try await harness.fresh { $0["cases"] = shipped["cases"] }
            #expect(connector.entities == [.transportApplication, .contactRequest])
            let start = harness.clock.clock.now()
            func contacts(_ scope: ReadScope = .full) async throws -> [String: JSONValue] {
                try await Self.read(connector, scope, of: .contactRequest)
            }
            let numbers = await harness.standIn.cases.values.filter { $0.family == OpenEPlatformHarness.contacts }.map(\.number)
            let expected = numbers.map { number -> (String, JSONValue) in
                let id = OpenEPlatformHarness.id(number, .contactRequest)
                return (id, ["id": .string(id), "caseNumber": .string(String(number)), "status": "Inskickat"])
            }
            try await #expect(contacts() == Dictionary(uniqueKeysWithValues: expected) && expected.count == 5)
            harness.clock.advance(by: .seconds(60))
            try await #expect(contacts(.modifiedAfter(start)).isEmpty)
            let new = await harness.standIn.apply(OpenEPlatformHarness.form(6), family: OpenEPlatformHarness.contacts)
            let id = OpenEPlatformHarness.id(new, .contactRequest)
            try await #expect(contacts(.modifiedAfter(start)).keys.sorted() == [id])
            try await #expect(connector.read(RecordKey(.contactRequest, id))?.document["caseNumber"] == .string(String(new)))
            #expect(await harness.standIn.requests.counts.keys.allSatisfy { $0.path == "getinstances" })
            // Somebody has seen to it.
            try await Self.expectGone(id, when: { await harness.standIn.move(new, to: "Avslutat") }, harness, connector)
            await connector.shutdown()
        }
    }

    private static func expectGone(
        _ id: String, when change: () async -> Void, _ harness: OpenEPlatformHarness, _ connector: OpenEPlatformConnector
    ) async throws {
        _ = try await self.read(connector)
        let before = harness.clock.clock.now()
        harness.clock.advance(by: .seconds(60))
        await change()
        try await #expect(connector.deletions(after: before) == [RecordKey(.contactRequest, id)])
    }

    // MARK: Odd answers

    @Test func `one case that is no XML, or another's, is told and the rest is read`() async throws {
        try await OpenEPlatformHarness.with { harness in
            let numbers = await harness.standIn.cases.values.filter { $0.status == "Inskickat" && $0.family == "136" }
                .map(\.number).sorted()
            let (unreadable, swapped) = (numbers[0], numbers[1])
            try await harness.standIn.setFaults(
                OpenEPlatformFaults { faults in
                    faults.unreadable = [unreadable]
                    faults.answeredWith = [swapped: unreadable]
                })
            let connector = try await harness.fresh()
            let pages = Pages()
            try await connector.read(.transportApplication, scope: .full) { await pages.take($0) }
            let broken = await pages.broken
            #expect(
                Set(broken.compactMap { $0.key?.id }) == Set([unreadable, swapped].map { OpenEPlatformHarness.id($0) }))
            #expect(Set(broken.map(\.failure.code)) == ["document-unreadable", "another-record"])
            let rest = try await harness.held(.transportApplication).count - 2
            #expect(await pages.documents.count == rest)
            await connector.shutdown()
        }
    }

    @Test func `a wrong address isn't an empty platform, and a case without XML isn't gone`() async throws {
        try await OpenEPlatformHarness.with { harness in
            let wrong = try await harness.fresh { $0["cases"] = [["entity": "transportapplication", "family": 137]] }
            let missing = await #expect(throws: ConnectorFailure.self) { _ = try await Self.read(wrong) }
            #expect(missing?.kind == .misconfigured && missing?.code == "endpoint-not-found")
            await wrong.shutdown()

            let number = try #require(try await harness.held(.transportApplication).values.first?["caseNumber"]?.stringValue)
            try await harness.standIn.setFaults(OpenEPlatformFaults { $0.withoutXML = [Int(number) ?? 0] })
            let connector = try await harness.fresh()
            let lost = await #expect(throws: ConnectorFailure.self) { _ = try await Self.read(connector) }
            #expect(lost?.kind == .misconfigured && lost?.code == "endpoint-not-found")
            // Gone in between it is none of anybody's business.
            await harness.standIn.delete(Int(number) ?? 0)
            try await #expect(Self.read(connector) == harness.held(.transportApplication))
            await connector.shutdown()
        }
    }

    @Test func `a platform that answers 404 where there is no case is read when the settings say so`() async throws {
        try await OpenEPlatformHarness.with(isEmpty: true) { harness in
            try await harness.standIn.setFaults(OpenEPlatformFaults { $0.emptyIsNotFound = true })
            let strict = try await harness.fresh()
            await #expect(throws: ConnectorFailure.self) { _ = try await Self.read(strict) }
            await strict.shutdown()
            let connector = try await harness.fresh {
                $0["connection"] = .object(
                    JSONObject(
                        ($0["connection"]?.objectValue.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.key, $0.value) }) }
                            ?? [:])
                            .merging(["not_found_is_none": true]) { _, new in new }))
            }
            try await #expect(Self.read(connector).isEmpty)
            await connector.shutdown()
        }
    }

    // MARK: Settings

    @Test func `every wrong setting is told at once`() throws {
        let settings: JSONValue = [
            "connector": "open_eplatform",
            "connection": ["base_url": "e-tjanster", "user": "hub", "password": "open", "status_in": "body", "pasword": 1],
            "cases": [
                ["entity": "transportaplication", "family": "136"], ["entity": "transportapplication", "family": "x"],
                ["entity": "transportapplication", "family": 7, "status": "Beviljat"],
                ["entity": "transportapplication", "family": "7"],
            ], "days_back": 0,
        ]
        let error = #expect(throws: SettingsError.self) {
            try ConnectorFactory.source(system: "openeplatform", settings: settings, logger: ServerUnderTest.silent)
        }
        #expect(
            error?.problems.map(\.path) == [
                "connection.pasword", "connection.base_url", "connection.password", "connection.status_in", "cases[0].entity",
                "cases[1].family", "cases[2].status", "cases[3].family", "days_back",
            ])
    }
}
