import Connectors
import SchoolRecords
import Testing

@Suite("A connector is made for a direction")
struct ConnectorFactoryTests {
    private static func message(_ make: () throws -> Void) -> String? {
        #expect(throws: SettingsError.self) { try make() }?.problems.first?.message
    }

    @Test func `one of the other direction is told, with those that there are`() {
        let logger = ServerUnderTest.silent
        #expect(
            Self.message { _ = try ConnectorFactory.target(system: "x", settings: ["connector": "ss12000"], logger: logger) }
                == "must be one of delimited_files, full_files, edlevo_classic, ss12000_rest, sds_files, dnp, scim")
        #expect(
            Self.message { _ = try ConnectorFactory.source(system: "x", settings: ["connector": "full_files"], logger: logger) }
                == "must be one of ss12000, delimited_files, handed_in, edlevo_classic, open_eplatform")
    }

    @Test(arguments: [("source", true), ("target", false)])
    func `delimited files go the way that the direction says`(_ direction: String, _ isSource: Bool) async throws {
        let settings: JSONValue =
            isSource
            ? ["drop_folder": "/drop", "files": [InboxFolder.placements]] : UnikumFolder.settings("/drop")
        var whole = settings
        whole["connector"] = "delimited_files"
        whole["direction"] = .string(direction)
        switch try MadeConnector.make(whole) {
        case .source: #expect(isSource)
        case .target: #expect(!isSource)
        }
    }
}
