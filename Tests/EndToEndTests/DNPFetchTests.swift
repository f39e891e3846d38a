import Foundation
import Hub
import Logging
import SchoolRecords
import ServiceLifecycle
import StandIns
import Testing

@testable import KnutpunktApp

/// Skolverket's client at the hub's SS 12000 API, as the configuration sets both up: it fetches with tokens of its issuer, and the hub's
/// notices come with tokens of the same.
@Suite("Skolverket fetches", .timeLimit(.minutes(1)))
struct DNPFetchTests {
    /// Where the API is registered; a proxy would be there.
    private static let api = "https://api.kommun.example/v2.0"

    private static func context(_ directory: String, _ standIn: DNPStandIn) async throws -> HubContext {
        let mappings = directory + "/Mappings/dnp-fetch"
        try FileManager.default.createDirectory(atPath: mappings, withIntermediateDirectories: true)
        let provide = """
            purpose: {sv: Nationella prov, en: National tests}
            entities:
              organisation: {fields: [displayName, organisationType]}
              person: {fields: [givenName, familyName]}
              group: {fields: [displayName, startDate, groupType, organisation]}
              duty: {fields: [person, dutyAt, dutyRole, startDate]}
              activity: {fields: [displayName, calendarEventsRequired, startDate, groups, organisation]}
            """
        try Data(provide.utf8).write(to: URL(fileURLWithPath: mappings + "/provide.yaml"))
        let client = try await standIn.fetchingURL
        let text = """
            data: {directory: \(directory)/data}
            mappings: {directory: \(directory)/Mappings}
            api:
              listen: 127.0.0.1:0
              public_url: https://api.kommun.example
              clients:
                skolverket:
                  system: dnp-fetch
                  tokens:
                    issuer_keys: \(try await standIn.keysURL)
                    organisation_id: \(DNPStandIn.ownOrganizationID)
                    audience: nutid
                  notify: \(try #require(URL(string: "/", relativeTo: URL(string: client))).absoluteString)
                  notify_spelling: corrected
                  notify_tokens:
                    token_url: \(try await standIn.tokenURL)
                    location: \(client)
                    entity_id: \(standIn.entityID)
            """
        let path = directory + "/hub.yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let configuration = try await HubConfiguration.read(file: path, flags: [:], environment: [:])
        return try await HubContext.open(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func person(_ number: Int, _ name: String? = "Östlund") -> RecordState {
        let id = "00000000-0000-4000-8000-00000000000\(number)"
        let body: JSONValue? = name.map { ["id": .string(id), "givenName": "Åke", "familyName": .string($0)] }
        return RecordState(key: RecordKey(.person, id), owner: nil, body: body?.canonicalData)
    }

    @Test func `everything when it is registered, then who has changed and who is gone`() async throws {
        try await TemporaryDirectory.with { directory in
            try await withDNPStandIn(DNPStandIn()) { standIn in
                let context = try await Self.context(directory, standIn)
                @Sendable func take(_ states: [RecordState]) async throws {
                    try await context.store.take(
                        states, withheld: [], failures: [], source: "edlevo", time: HubClock.system.timestamp)
                }
                try await take((1...3).map { Self.person($0) })
                #expect(await context.apiVerdicts().map(\.grade) == [.ok, .ok])
                let (ports, port) = AsyncStream.makeStream(of: Int.self)
                let services = try context.apiServices(clock: .system, onListening: { port.yield($0) })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for service in services { group.addTask { try await service.run() } }
                    defer { group.cancelAll() }
                    var places = ports.makeAsyncIterator()
                    let place = try #require(await places.next())
                    let fetcher = DNPFetcher(standIn, api: Self.api, at: "http://127.0.0.1:\(place)/v2.0")
                    group.addTask { try await fetcher.run() }
                    let other = DNPFetcher(
                        standIn, api: "https://api.other.example/v2.0", at: "http://127.0.0.1:\(place)/v2.0")
                    try await #expect(other.register() == 401, "a token for another municipality")

                    try await #expect(fetcher.register() == 201)
                    await #expect(fetcher.objects("Person").count == 3)
                    try await take([Self.person(1, "Ny-Östlund")])
                    try await fetcher.wait { $0.objects("Person").values.contains { $0["familyName"] == "Ny-Östlund" } }
                    try await take([Self.person(2, nil)])
                    try await fetcher.wait { $0.objects("Person").count == 2 }
                    await #expect(fetcher.refusals.isEmpty)
                    let seen = await standIn.statistics
                    #expect(seen.notices >= 2 && seen.noticesRefused == 0)
                }
                try await standIn.setFaults(DNPFaults { $0.refusesClients = true })
                let verdicts = await context.apiVerdicts()
                #expect(
                    verdicts.map(\.grade) == [.ok, .error] && verdicts.last?.finding.contains("notify_tokens.entity_id") == true)
                #expect(verdicts.map(\.subject) == ["client skolverket", "notices to skolverket"])
            }
        }
    }
}
