public import Foundation

/// A text that is no JSON document.
public struct JSONSyntaxError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, without any of the text itself (it may hold personal data).
    public let message: String
    public var description: String { self.message }
}

extension JSONValue {
    /// Reads one JSON document (RFC 8259, UTF-8).
    ///
    /// - Throws: ``JSONSyntaxError`` when the bytes are cut short or are no JSON.
    public init(parsing data: Data) throws(JSONSyntaxError) {
        do throws(JSONParser.Stop) {
            self = JSONDocument(try JSONParser.read(data)).value
        } catch {
            self = try Self(data, after: error)
        }
    }

    /// What bytes are that the parser has stopped at.
    init(_ data: Data, after stop: JSONParser.Stop) throws(JSONSyntaxError) {
        switch stop {
        case .noJSON: throw JSONSyntaxError(message: "not a complete JSON document (\(data.count) bytes)")
        case .rare: self = try Self.decoded(data)
        }
    }

    /// The general decoder's reading.
    private static func decoded(_ data: Data) throws(JSONSyntaxError) -> JSONValue {
        do {
            // Decoding looks into strings and numbers only when they are asked for, and takes one that can't be read for none.
            _ = try JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])
            return try JSONDecoder().decode(JSONValue.self, from: data)
        } catch {
            throw JSONSyntaxError(message: "not a complete JSON document (\(data.count) bytes)")
        }
    }

    /// The document in its one canonical form: members in the order of their UTF-8 names, no white space,
    /// shortest escapes. Equal values have equal bytes, so the bytes can be hashed and compared.
    public var canonicalData: Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        self.append(to: &bytes)
        return Data(bytes)
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value):
            bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let text): Self.append(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            var first = true
            for member in members.members {
                if !first { bytes.append(UInt8(ascii: ",")) }
                first = false
                Self.append(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(hex[Int(byte >> 4)])
                bytes.append(hex[Int(byte & 0xF)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
