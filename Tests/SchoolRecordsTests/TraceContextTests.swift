import Foundation
import SchoolRecords
import TestChance
import Testing

@Suite("Trace contexts are read as W3C Trace Context says")
struct TraceContextTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let parent = "00f067aa0ba902b7"

    @Test(arguments: [
        ("00-\(trace)-\(parent)-01", true), ("00-\(trace)-\(parent)-00", false),
        // Flags of later versions are bits that mean nothing here.
        ("00-\(trace)-\(parent)-09", true), ("00-\(trace)-\(parent)-fe", false),
        // A later version is read as far as this one knows it.
        ("cc-\(trace)-\(parent)-01", true), ("cc-\(trace)-\(parent)-01-what-the-future-will-be-like", true),
        ("fe-\(trace)-\(parent)-00-", false),
    ])
    func `what is well formed is read`(_ text: String, _ isSampled: Bool) throws {
        let context = try #require(TraceContext(text))
        #expect(context.traceID == Self.trace && context.parentID == Self.parent && context.isSampled == isSampled)
        #expect(context.header == "00-\(Self.trace)-\(Self.parent)-\(isSampled ? "01" : "00")")
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-", "00-\(trace)-\(parent)-1", "00-\(trace)-\(parent)-011",
        "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)-01-more", "cc-\(trace)-\(parent)-01more", "cc-\(trace)-\(parent)-01.",
        "ff-\(trace)-\(parent)-01", "0-\(trace)-\(parent)-01", "000-\(trace)-\(parent)-1", "0x-\(trace)-\(parent)-01",
        "00-00000000000000000000000000000000-\(parent)-01", "00-\(trace)-0000000000000000-01",
        "00-\(trace.uppercased())-\(parent)-01", "00-\(trace)-\(parent.uppercased())-01", "00-\(trace)-\(parent)-0A",
        "00-\(trace)-\(parent)-0g", "00-\(trace.dropLast())-\(parent)-01", "00-\(trace)0-\(parent)-01",
        "00-\(trace)-\(parent)0-01", "00_\(trace)-\(parent)-01", "00-\(trace)_\(parent)-01", "00-\(trace)-\(parent)_01",
        " 00-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-01 ", "00-\(trace)-\(parent)-01,00-\(trace)-\(parent)-01",
        "00-\(trace.dropLast())å-\(parent)-1", "00-\(trace.dropLast(2))٣-\(parent)-01",
    ])
    func `what isn't is none`(_ text: String) { #expect(TraceContext(text) == nil) }

    @Test(arguments: [UInt64](0..<8) + [.random(in: 0 ... .max)])
    func `whatever is read is written the same again, and every single change of a byte is seen`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func digits(_ count: Int) -> String {
            (0..<count).map { _ in String(Int.random(in: 0..<16, using: &random), radix: 16) }.joined()
        }
        for _ in 0..<300 {
            let (trace, parent) = (digits(32), digits(16))
            guard let context = TraceContext(traceID: trace, parentID: parent, isSampled: .random(using: &random)) else {
                #expect(trace.allSatisfy { $0 == "0" } || parent.allSatisfy { $0 == "0" })
                continue
            }
            #expect(TraceContext(context.header) == context)
            #expect(
                context.step().traceID == trace && context.step().parentID != parent && TraceContext(context.step().header) != nil
            )
            var bytes = Array(context.header.utf8)
            let place = Int.random(in: bytes.indices, using: &random)
            let byte = UInt8.random(in: 0...127, using: &random)
            guard bytes[place] != byte else { continue }
            bytes[place] = byte
            // A changed digit is another context; the version alone and unknown flags change nothing. What isn't a digit in its
            // place is none.
            let read = TraceContext(String(decoding: bytes, as: UTF8.self))
            let isDigit = "0123456789abcdef".utf8.contains(byte)
            let isDash = [2, 35, 52].contains(place)
            #expect((read != nil) == (isDigit && !isDash), "seed \(seed), \(place), \(byte)")
            if (3..<52).contains(place) { #expect(read != context, "seed \(seed)") }
        }
    }

    @Test(arguments: [UInt64](0..<4) + [.random(in: 0 ... .max)])
    func `no text makes it stumble`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["00", "ff", "-", Self.trace, Self.parent, "01", "0", "å", "🙂", "\u{0}", " ", "A", "--"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...9, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
                .joined()
            guard let context = TraceContext(text) else { continue }
            #expect(text.hasPrefix("\(text.prefix(2))-\(context.traceID)-\(context.parentID)-"), "seed \(seed)")
        }
    }

    @Test func `a message begins a trace that leads back to it`() throws {
        let message = "0199f1a0-7b1c-7d2e-9f30-4a5b6c7d8e9f"
        let context = try #require(TraceContext(message: message))
        #expect(context.header == "00-0199f1a07b1c7d2e9f304a5b6c7d8e9f-9f304a5b6c7d8e9f-01")
        #expect(TraceContext.message(ofID: context.traceID) == message)
        let inherited = try #require(TraceContext(message: message, in: Self.trace))
        #expect(inherited.traceID == Self.trace && inherited.parentID == context.parentID)
        for other in ["", "7", "00000000-0000-0000-0000-000000000000", "0199f1a07b1c7d2e9f304a5b6c7d8e9f"] {
            #expect(TraceContext(message: other) == nil)
        }
    }

    @Test func `traces that begin are never the same`() {
        #expect(Set((0..<1000).map { _ in TraceContext.begin().traceID }).count == 1000)
    }

    @Test func `kept as JSON it is the header`() throws {
        let context = TraceContext.begin()
        let data = try JSONEncoder().encode([context])
        #expect(String(decoding: data, as: UTF8.self) == "[\"\(context.header)\"]")
        #expect(try JSONDecoder().decode([TraceContext].self, from: data) == [context])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([TraceContext].self, from: Data(#"["x"]"#.utf8)) }
    }
}
