import ConnectorKit
import Foundation
import Testing

@Suite("Each alarm has its page")
struct RunbookTests {
    @Test(arguments: Alarm.Kind.allCases)
    func `an alarm points to a section that is there`(_ kind: Alarm.Kind) throws {
        let alarm = Alarm(kind, "x", severity: .warning, text: Bilingual(sv: "", en: ""), raised: "")
        let parts = alarm.runbook.split(separator: "#").map(String.init)
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../\(parts[0])")
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.contains("\n## \(parts[1])\n"))
    }
}
