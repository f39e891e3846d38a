import ConnectorTesting
import Foundation
import Testing

@Suite("The documents say what is tried")
struct BreakModeTableTests {
    /// The columns of the table, and the faults of a source and of a target that stand for them.
    private static let columns: [(name: String, source: SourceFault?, target: TargetFault?)] = [
        ("down", .down, .away), ("slow", .slow, .slow), ("too many calls", .tooManyRequests, .tooManyRequests),
        ("credentials", .expiredCredentials, .expiredCredentials), ("cut short", .truncatedPage, .breaksOff),
        ("encoding", .wrongEncoding, .wrongEncoding), ("twice", .duplicateRows, .duplicateRows),
        ("unknown fields", .unknownFields, .unknownFields), ("wrong shape", .foreignPage, .wrongSchema),
        ("clock", .clockSkew, .clockSkew), ("lost reply", nil, .lostReplies),
    ]

    /// What the contract's runs show each system with.
    private static let sources: [String: Set<SourceFault>] = [
        "edlevo": EdlevoHarness.shown, "skola24": ShippedSourceHarness.shown, "tempus": ShippedSourceHarness.shown,
        "vega": ShippedSourceHarness.shown, "eservice": ShippedSourceHarness.shown, "unikum": DelimitedHarness.shown,
        "skolon": DelimitedHarness.shown, "hr": HRHarness.shown, "navet": NavetHarness.shown,
        "openeplatform": OpenEPlatformHarness.shown,
    ]
    private static let targets: [String: Set<TargetFault>] = [
        "skola24": RESTHarness.shown, "tempus": RESTHarness.shown, "vega": RESTHarness.shown, "eservice": RESTHarness.shown,
        "skola24files": ShippedFilesHarness.shown, "kaa": ShippedFilesHarness.shown, "skolon": ShippedFilesHarness.shown,
        "admissions": ShippedFilesHarness.shown, "csn": ShippedFilesHarness.shown, "digiexam": ShippedFilesHarness.shown,
        "unikum": UnikumHarness.shown, "teams": SDSHarness.shown, "dnp": DNPHarness.shown,
        "egil": SCIMHarness.shown, "edlevoemployments": EmploymentsHarness.shown,
    ]

    @Test func `the table of systems and faults is that of the contract's runs`() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let text = try String(contentsOf: root.appendingPathComponent("docs/systems/README.md"), encoding: .utf8)
        let lines = text.split(separator: "\n").map(String.init)
        let head = try #require(lines.firstIndex { $0.hasPrefix("| system | way | down") })
        #expect(Self.cells(lines[head]) == ["system", "way"] + Self.columns.map(\.name))
        var told: [String: [String]] = [:]
        for line in lines[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = Self.cells(line)
            told["\(cells[0]) \(cells[1])"] = Array(cells.dropFirst(2))
        }
        var expected: [String: [String]] = [:]
        for (system, faults) in Self.sources {
            expected["\(system) from"] = Self.columns.map { column in
                column.source.map(faults.contains) == true ? "✓" : "–"
            }
        }
        for (system, faults) in Self.targets {
            expected["\(system) to"] = Self.columns.map { column in
                column.target.map(faults.contains) == true ? "✓" : "–"
            }
        }
        #expect(told == expected)
    }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
