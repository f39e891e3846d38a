import ConnectorKit
import Connectors
import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("The examples for connecting systems are right")
struct ExampleSystemsTests {
    private static let load: MappingLoad = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return MappingSet.load(directory: root.appendingPathComponent("docs/systems/examples").path)
    }()

    @Test func `they load without a remark, and each makes a connector`() throws {
        #expect(Self.load.diagnostics.map(\.description) == [])
        let set = try #require(Self.load.set)
        #expect(set.systems.keys.sorted() == ["edlevo-classic", "edlevo-classic-writing", "friskolan", "vega"])
        for system in set.systems.values {
            #expect(try MadeConnector.make(system).count == 1)
        }
        let vega = try #require(set.systems["vega"])
        let answerer = try ConnectorFactory.answering(
            system: "vega", settings: vega.settings, logger: ServerUnderTest.silent)
        #expect(answerer?.answers == [.transportEligibility])
    }

    @Test func `what they give is what they say`() throws {
        let results = try #require(Self.load.set).runExamples()
        #expect(!results.isEmpty)
        for result in results { #expect(result.passed, "\(result)") }
    }
}
