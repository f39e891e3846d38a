import Foundation

/// Reads JSON (RFC 8259) straight into values: every record that walks through the hub is read at least twice, and the
/// general decoder took most of the time of a delivery.
///
/// Reads just what `JSONDecoder` reads and refuses what it refuses, and strings and numbers too that can't be read, of which
/// decoding makes `null`. What is rare is left to it.
struct JSONParser {
    /// The bytes are no JSON, or something of them is better read by the general decoder.
    enum Stop: Error {
        case noJSON
        case rare
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var depth = 0

    private static let deepest = 512

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func document() throws(Stop) -> JSONValue {
        self.skipSpace()
        let value = try self.value()
        self.skipSpace()
        guard self.index == self.bytes.count else { throw .noJSON }
        return value
    }

    private var next: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }

    private mutating func value() throws(Stop) -> JSONValue {
        guard let next = self.next else { throw .noJSON }
        switch next {
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "{"): return try self.object()
        case UInt8(ascii: "["): return try self.array()
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.number()
        default: throw .noJSON
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Stop) -> JSONValue {
        let end = self.index + word.utf8CodeUnitCount
        guard end <= self.bytes.count else { throw .noJSON }
        for offset in 0..<word.utf8CodeUnitCount {
            guard self.bytes[self.index + offset] == word.utf8Start[offset] else { throw .noJSON }
        }
        self.index = end
        return value
    }

    /// Short whole numbers; others have too many forms.
    private mutating func number() throws(Stop) -> JSONValue {
        let start = self.index
        var isNegative = false
        if self.next == UInt8(ascii: "-") {
            isNegative = true
            self.index += 1
        }
        let first = self.index
        var value: Int64 = 0
        while let byte = self.next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            guard self.index - first < 18 else { throw .rare }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            self.index += 1
        }
        guard self.index > first else { throw .noJSON }
        if self.index - first > 1, self.bytes[first] == UInt8(ascii: "0") { throw .noJSON }
        switch self.next {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            self.index = start
            return try self.fraction()
        default: return .integer(isNegative ? -value : value)
        }
    }

    /// One number with a fraction or an exponent, as the general decoder reads it.
    private mutating func fraction() throws(Stop) -> JSONValue {
        let start = self.index
        while let byte = self.next,
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
        { self.index += 1 }
        let text = Data(self.bytes[start..<self.index])
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: text), value != .null else { throw .noJSON }
        return value
    }

    private mutating func array() throws(Stop) -> JSONValue {
        try self.enter()
        var elements: [JSONValue] = []
        if self.next == UInt8(ascii: "]") {
            self.leave()
            return .array(elements)
        }
        while true {
            elements.append(try self.value())
            self.skipSpace()
            switch self.next {
            case UInt8(ascii: ","):
                self.index += 1
                self.skipSpace()
                // The general decoder forgives a comma before the end.
                if self.next == UInt8(ascii: "]") { throw .rare }
            case UInt8(ascii: "]"):
                self.leave()
                return .array(elements)
            default: throw .noJSON
            }
        }
    }

    private mutating func object() throws(Stop) -> JSONValue {
        try self.enter()
        var members: [String: JSONValue] = [:]
        if self.next == UInt8(ascii: "}") {
            self.leave()
            return .object(members)
        }
        while true {
            guard self.next == UInt8(ascii: "\"") else { throw .noJSON }
            let name = try self.string()
            self.skipSpace()
            guard self.next == UInt8(ascii: ":") else { throw .noJSON }
            self.index += 1
            self.skipSpace()
            // Which of two members of one name counts is for the general decoder to say.
            guard members.updateValue(try self.value(), forKey: name) == nil else { throw .rare }
            self.skipSpace()
            switch self.next {
            case UInt8(ascii: ","):
                self.index += 1
                self.skipSpace()
                if self.next == UInt8(ascii: "}") { throw .rare }
            case UInt8(ascii: "}"):
                self.leave()
                return .object(members)
            default: throw .noJSON
            }
        }
    }

    private mutating func enter() throws(Stop) {
        self.depth += 1
        guard self.depth < Self.deepest else { throw .rare }
        self.index += 1
        self.skipSpace()
    }

    private mutating func leave() {
        self.depth -= 1
        self.index += 1
    }

    private mutating func string() throws(Stop) -> String {
        self.index += 1
        let start = self.index
        var isASCII = true
        while let byte = self.next {
            switch byte {
            case UInt8(ascii: "\""):
                let text = UnsafeBufferPointer(rebasing: self.bytes[start..<self.index])
                self.index += 1
                if isASCII { return String(decoding: text, as: UTF8.self) }
                guard let text = String(validating: text, as: UTF8.self) else { throw .noJSON }
                return text
            case UInt8(ascii: "\\"): return try self.escaped(from: start)
            case 0..<0x20: throw .noJSON
            case 0x80...: isASCII = false
            default: break
            }
            self.index += 1
        }
        throw .noJSON
    }

    /// A string with escapes; the index is at the first of them.
    private mutating func escaped(from start: Int) throws(Stop) -> String {
        var units: [UInt8] = Array(self.bytes[start..<self.index])
        while let byte = self.next {
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else { throw .noJSON }
                return text
            case UInt8(ascii: "\\"):
                guard let escape = self.next else { throw .noJSON }
                self.index += 1
                switch escape {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(escape)
                case UInt8(ascii: "n"): units.append(0x0A)
                case UInt8(ascii: "r"): units.append(0x0D)
                case UInt8(ascii: "t"): units.append(0x09)
                case UInt8(ascii: "b"): units.append(0x08)
                case UInt8(ascii: "f"): units.append(0x0C)
                case UInt8(ascii: "u"): units.append(contentsOf: String(Character(try self.scalar())).utf8)
                default: throw .noJSON
                }
            case 0..<0x20: throw .noJSON
            default: units.append(byte)
            }
        }
        throw .noJSON
    }

    /// What stands after `\u`: one unit, or two that belong together.
    private mutating func scalar() throws(Stop) -> Unicode.Scalar {
        let first = try self.unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, self.next == UInt8(ascii: "\\") else { throw .noJSON }
        self.index += 1
        guard self.next == UInt8(ascii: "u") else { throw .noJSON }
        self.index += 1
        let second = try self.unit()
        guard second >= 0xDC00, second < 0xE000,
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00))
        else { throw .noJSON }
        return scalar
    }

    private mutating func unit() throws(Stop) -> UInt16 {
        guard self.index + 4 <= self.bytes.count else { throw .noJSON }
        var value: UInt16 = 0
        for _ in 0..<4 {
            let byte = self.bytes[self.index]
            self.index += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw .noJSON
            }
        }
        return value
    }
}
