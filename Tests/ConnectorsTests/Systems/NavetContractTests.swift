import ConnectorKit
import ConnectorTesting
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

@Suite("Notices of the population register keep the contract")
struct NavetContractTests {
    @Test("files of notices", arguments: SourceConnectorRequirement.all)
    func source(_ requirement: SourceConnectorRequirement) async throws {
        try await NavetHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    private actor Pages {
        private(set) var records: [SourceRecord] = []
        func take(_ page: SourcePage) { self.records += page.records }
    }

    @Test("everybody of a made-up municipality is told of", arguments: [false, true])
    func municipality(hasMarkers: Bool) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: "2026-08-17")
        let persons = try municipality.documents(of: .person)
        let registered = persons.compactMap { $0["civicNo"]?["value"]?.stringValue }
        try await InboxFolder.with { folder in
            let navet = NavetStandIn(folder: folder.path)
            try await navet.register(peopleOf: EdlevoStandIn(municipality: municipality))
            await navet.setMarkers(hasMarkers)
            let connector = try await Self.connector(folder, hasMarkers)
            try await navet.notify()
            let pages = Pages()
            try await connector.read(.registration, scope: .full) { await pages.take($0) }
            let documents = await pages.records.map(\.document)
            #expect(Set(documents.compactMap { $0["number"]?.stringValue }) == Set(registered))
            let marked = documents.count { $0["secrecy"] == "J" || $0["protected_registration"] == "J" }
            #expect(marked == municipality.protectedPersons.count && marked > 0)
            #expect(documents.contains { $0["rows"]?.arrayValue?.isEmpty == false })
            // The next day's are about one alone; a file that is cut off says nothing.
            let first = try #require(registered.min())
            folder.clock.advance(by: .seconds(86_400))
            let time = folder.clock.clock.now().addingTimeInterval(-1)
            await navet.change(first) { $0.familyName = "Nyson" }
            try await navet.notify(of: [first], fault: .halfAFile)
            try await navet.notify(of: [first], fault: .unknownColumn)
            let changes = Pages()
            try await connector.read(.registration, scope: .modifiedAfter(time)) { await changes.take($0) }
            let changed = await changes.records.map(\.document)
            #expect(changed.map { $0["number"]?.stringValue } == [first] && changed.first?["family_name"] == "Nyson")
            #expect(try folder.names("rejected").count == 2)
        }
    }

    private static func connector(_ folder: InboxFolder, _ hasMarkers: Bool) async throws -> DelimitedSourceConnector {
        var settings = try #require(ShippedSystem.mappings?.inactive["navet"]?.side(.source)).settings
        settings["drop_folder"] = .string(folder.path)
        settings["whole_when"] = ["unchanged_seconds": 0]
        if hasMarkers, var file = settings["files"]?.arrayValue?.first, var blocks = file["blocks"] {
            (blocks["begin"], blocks["end"]) = ("#POST_START", "#POST_SLUT")
            file["blocks"] = blocks
            settings["files"] = [file]
        }
        return try DelimitedSourceConnector.make(
            system: "navet", settings: settings, files: LocalFileSystem(), clock: folder.clock.clock,
            logger: ServerUnderTest.silent)
    }
}
