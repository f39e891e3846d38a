import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("Alarms about sources")
struct SourceAlarmTests {
    @Test func `files that were rejected are told of until they are gone`() throws {
        var reading = HealthReading(time: "2026-08-17T06:00:00.000Z")
        var source = HealthReading.Source(system: "navet")
        #expect(AlarmRules().findings(in: reading).isEmpty)
        source.rejected = 2
        reading.sources = [source]
        let finding = try #require(AlarmRules().findings(in: reading).first)
        #expect(finding.cause == "files-rejected:navet" && finding.severity == .critical && finding.delay == 0)
        #expect(finding.text.sv.hasPrefix("2 filer") && finding.text.en.hasPrefix("2 files"))
        source.rejected = 0
        reading.sources = [source]
        #expect(AlarmRules().findings(in: reading).isEmpty)
    }

    @Test func `who wants to be contacted is told of as long as a case is open, by its number alone`() async throws {
        try await TestHub.with { hub in
            let platform = ScriptedSource(system: "openeplatform", entities: [.contactRequest])
            let reader = HealthReader(
                board: HealthBoard(), store: hub.store, depth: { _ in 0 }, targets: [], sources: ["openeplatform", "edlevo"],
                queues: [], diskFree: { nil })
            func causes() async -> [AlarmFinding] {
                AlarmRules().findings(in: await reader.read(AlarmRules())).filter { $0.kind == .contactsWaiting }
            }
            #expect(await causes().isEmpty)
            for number in 1...2 {
                platform.put(
                    .contactRequest,
                    ["id": .string(Documents.id(number)), "caseNumber": .string("16547\(number)"), "status": "Inskickat"])
            }
            // No person is named, so that nothing is waited for.
            try await #expect(hub.intake(platform).run(.full).waiting.isEmpty)
            let finding = try #require(await causes().first)
            #expect(finding.cause == "contacts-waiting:openeplatform" && finding.delay == 0)
            #expect(finding.text.sv.hasPrefix("2 i openeplatform") && finding.text.en.contains("knutpunkt privacy contacts"))
            #expect(!"\(finding.text)".contains("16547"))
            for number in 1...2 { platform.remove(.contactRequest, Documents.id(number)) }
            try await #expect(hub.intake(platform).run(.full).failed == 0)
            #expect(await causes().isEmpty)
        }
    }
}
