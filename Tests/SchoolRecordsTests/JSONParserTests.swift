import TestChance
import Foundation
import SchoolRecords
import Testing

/// The parser is quick, and reads nothing otherwise than Foundation's decoder does.
@Suite("Reading JSON")
struct JSONParserTests {
    /// The decoder's reading. It looks into strings and numbers only when they are asked for, and a value that can't be read
    /// then counts as none; so what is JSON at all is for the serialisation to say.
    private static func decoded(_ data: Data) -> JSONValue? {
        guard (try? JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])) != nil else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: data)
    }

    private static func parsed(_ data: Data) -> JSONValue? { try? JSONValue(parsing: data) }

    @Test(arguments: [
        "", " ", "null", "true", "false", "tru", "nul", "truex", "0", "-0", "7", "-7", "007", "-", "+1", "1.", ".5", "1.5", "7.0",
        "-0.0",
        "1e2", "1E+2", "1e-2", "1e400", "1e", "123456789012345678", "1234567890123456789", "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808", "12345678901234567890", "0.1", "1.0000000000000001", "2.50", "\"\"", "\"a", "\"å\"",
        "\"\\u00e5\"",
        "\"\\uD83D\\uDE42\"", "\"\\uD83D\"", "\"\\uDE42\"", "\"\\uD83Dx\"", "\"\\uD83D\\u0041\"", "\"\\u12\"", "\"\\x\"",
        "\"\\/\\b\\f\\n\\r\\t\"",
        "\"\u{1}\"", "\"a\nb\"", "\"\u{7F}\"", "[]", "[ ]", "[1,2]", "[1,]", "[,1]", "[1 2]", "[", "]", "[1", "{}", "{ }",
        "{\"a\":1}",
        "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,\"a\":2}", "{\"a\":1 \"b\":2}", "{\"a\":null}", "{\"\":1}",
        "[null]", " [ 1 , 2 ] \n",
        "1 2", "[1]x", "\u{FEFF}1", "{\"\\u0061\":1,\"a\":2}", "[1.5,true,{\"a\":[\"b\"]}]", "//x", "'a'", "NaN", "Infinity",
        "[1]\u{0}",
    ])
    func `every form is read or refused as the decoder does`(text: String) {
        let data = Data(text.utf8)
        #expect(Self.parsed(data) == Self.decoded(data))
    }

    @Test func `bytes that are no UTF-8, and other encodings, are as the decoder has them`() throws {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF], [0xEF, 0xBB, 0xBF, 0x37],
        ] {
            #expect(Self.parsed(Data(bytes)) == Self.decoded(Data(bytes)))
        }
        let wide = try #require("[1]".data(using: .utf16LittleEndian))
        #expect(Self.parsed(wide) == Self.decoded(wide))
    }

    @Test(arguments: [500, 510, 511, 512, 513, 600, 100_000])
    func `nesting is taken as deep as the decoder takes it`(depth: Int) {
        let data = Data((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        #expect((Self.parsed(data) == nil) == (Self.decoded(data) == nil))
    }

    @Test func `documents of any kind, whole and damaged, are read as the decoder reads them`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
            case 0: .null
            case 1: .bool(.random(using: &random))
            case 2: .integer(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<63, using: &random))
            case 3: .number(Double.random(in: -1e6...1e6, using: &random))
            case 4:
                .string(
                    String(
                        (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                            "aå\"\\\n\u{1}🙂/".randomElement(using: &random) ?? "a"
                        }))
            case 5: .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(depth + 1) })
            default:
                .object(
                    Dictionary(
                        (0..<Int.random(in: 0..<5, using: &random)).map { ("m\($0)", value(depth + 1)) },
                        uniquingKeysWith: { first, _ in first }))
            }
        }
        for _ in 0..<2_000 {
            let whole = value(0).canonicalData
            #expect(Self.parsed(whole) == Self.decoded(whole), "seed \(seed)")
            var damaged = whole
            let place = Int.random(in: 0..<damaged.count, using: &random)
            if Bool.random(using: &random) {
                damaged[damaged.startIndex + place] = UInt8.random(in: 0...255, using: &random)
            } else {
                damaged = damaged.prefix(place)
            }
            #expect(Self.parsed(damaged) == Self.decoded(damaged), "seed \(seed): \(String(decoding: damaged, as: UTF8.self))")
        }
    }
}
