import Foundation
import SchoolRecords
import StandIns
import TestChance
import Testing

@testable import Connectors

@Suite("XML documents are read whole or not at all")
struct XMLDocumentTests {
    private static let nameSpace = "urn:test"

    private static func tree(_ text: String) throws -> XMLTree { try self.tree(Data(text.utf8)) }

    private static func tree(_ data: Data) throws -> XMLTree {
        try XMLDocument.tree(data, root: "a", nameSpace: Self.nameSpace)
    }

    private static func problem(_ data: Data) -> XMLProblem? {
        do {
            _ = try Self.tree(data)
            return nil
        } catch {
            return error as? XMLProblem
        }
    }

    private static let document =
        "<a xmlns=\"urn:test\"><p k=\"v&amp;w\">Åsa &lt; <![CDATA[<Öl>]]></p><x:q xmlns:x=\"urn:x\"/></a>"

    @Test func `elements, attributes and texts come as they stand`() throws {
        let tree = try Self.tree(Self.document)
        #expect(tree["p"] == XMLTree("p", attributes: ["k": "v&w"], text: "Åsa < <Öl>"))
        #expect(tree["q"] == XMLTree("q"))
    }

    @Test func `a byte order mark and a wrong word about the encoding do no harm`() throws {
        let expected = try Self.tree(Self.document)
        let mark = Data([0xEF, 0xBB, 0xBF])
        for says in ["utf-8", "UTF-16", "utf-16"] {
            let text = "<?xml version=\"1.0\" encoding=\"\(says)\"?>\r\n" + Self.document
            #expect(try Self.tree(Data(text.utf8)) == expected)
            #expect(try Self.tree(mark + Data(text.utf8)) == expected)
            for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
                #expect(try Self.tree(try #require(text.data(using: encoding))) == expected)
            }
        }
        let latin = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" + Self.document
        #expect(try Self.tree(try #require(latin.data(using: .isoLatin1))) == expected)
        let lie = "<?xml version=\"1.0\" encoding=\"utf-8\"?>" + Self.document
        #expect(Self.problem(try #require(lie.data(using: .isoLatin1))) == .wrongEncoding)
    }

    @Test func `what is cut off anywhere is an error`() throws {
        let bytes = Data(Self.document.utf8)
        for count in 0..<bytes.count { #expect(Self.problem(bytes.prefix(count)) != nil, "\(count) bytes") }
        #expect(Self.problem(bytes) == nil)
    }

    @Test func `what is something else is an error`() {
        for text in [
            "", "   ", "<html><body></body></html>", "<a/>", "<a xmlns=\"urn:other\"/>", "<b xmlns=\"urn:test\"/>",
            "<a xmlns=\"urn:test\"><b></a>", "<a xmlns=\"urn:test\"/><a/>", "<a xmlns=\"urn:test\">&nbsp;</a>", "{}",
            "<!DOCTYPE a [<!ENTITY e \"eeee\">]><a xmlns=\"urn:test\">&e;</a>",
            "<!-- --><!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a xmlns=\"urn:test\"/>",
        ] {
            #expect(Self.problem(Data(text.utf8)) != nil, "\(text)")
        }
    }

    @Test func `documents of more than ten million bytes are read`() throws {
        let part = "<p>" + String(repeating: "å", count: 500) + "</p>"
        let text = "<a xmlns=\"urn:test\">" + String(repeating: part, count: 12_000) + "</a>"
        var count = 0
        try XMLDocument.read(Data(text.utf8), root: "a", nameSpace: Self.nameSpace) { tree throws(XMLProblem) in
            count += tree.text.count
        }
        #expect(count == 6_000_000)
    }

    @Test func `a real document that is cut at any place gives no organisation`() async throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SeededRandom(seed: seed)
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: "2026-11-23")
        let date = EdlevoClassicHarness.now
        let standIn = EdlevoClassicStandIn(of: EdlevoStandIn(municipality: municipality), clock: { date })
        let data = try #require(await standIn.completeDocument("GR"))
        var whole = IMSOrganization()
        _ = try whole.takeComplete(data, schoolType: "GR")
        #expect(whole.persons.count > 20)
        for _ in 0..<200 {
            let count = Int.random(in: 0..<data.count, using: &random)
            var organization = IMSOrganization()
            #expect(throws: XMLProblem.self, "seed \(seed), \(count) bytes") {
                _ = try organization.takeComplete(data.prefix(count), schoolType: "GR")
            }
            #expect(organization.persons.isEmpty && organization.groups.isEmpty)
        }
        #expect(throws: XMLProblem.anotherDocument) { _ = try whole.takeComplete(data, schoolType: "FK") }
    }

    @Test func `what is written is read back`() throws {
        let odd = "Å & <b> \"q\" 'x' \u{1F600}\t\n\u{1}"
        let bytes = XMLWriter.document("a", nameSpace: Self.nameSpace) {
            $0.leaf("p", odd, ["k": odd])
            $0.leaf("nothing", "")
        }
        let tree = try Self.tree(Data(bytes))
        let kept = odd.replacing("\u{1}", with: "")
        #expect(tree.children == [XMLTree("p", attributes: ["k": kept], text: kept)])
    }
}
