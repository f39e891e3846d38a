import Foundation
import Hub
import Reconciliation
import Testing

@Suite("How often what is found is kept by name")
struct NamedCountsTests {
    private struct Kept: Codable, Hashable {
        @NamedCounts var situations: [Situation: Int] = [:]
    }

    @Test func `counts are an object by name, and come back`() throws {
        let kept = Kept(situations: [.missing: 2, .leaked: 1])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(kept), as: UTF8.self)
        #expect(text == #"{"situations":{"leaked":1,"missing":2}}"#)
        #expect(try JSONDecoder().decode(Kept.self, from: Data(text.utf8)) == kept)
    }

    @Test func `a list of names and counts by turns, as earlier versions kept it, is read, and a name that isn't known left out`()
        throws
    {
        let list = try JSONDecoder().decode(Kept.self, from: Data(#"{"situations":["missing",2,"leaked",1]}"#.utf8))
        #expect(list.situations == [.missing: 2, .leaked: 1])
        let later = try JSONDecoder().decode(Kept.self, from: Data(#"{"situations":{"missing":2,"of-tomorrow":9}}"#.utf8))
        #expect(later.situations == [.missing: 2])
    }
}
