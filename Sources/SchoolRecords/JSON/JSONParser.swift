import Foundation

/// Reads JSON (RFC 8259) into a tape: every record that walks through the hub is read at least twice, and the general decoder
/// took most of the time of a delivery.
///
/// Reads just what `JSONDecoder` reads and refuses what it refuses, and strings and numbers too that can't be read, of which
/// decoding makes `null`. What is rare is left to it.
struct JSONParser: ~Copyable {
    /// The bytes are no JSON, or something of them is better read by the general decoder.
    enum Stop: Error {
        case noJSON
        case rare
    }

    private var tape: JSONTape
    private let bytes: UnsafeMutablePointer<UInt8>
    private let count: Int
    private var index = 0
    private var depth = 0

    private static let deepest = 512

    /// Reads a document.
    static func read(_ data: Data) throws(Stop) -> JSONTape {
        guard data.count < Int32.max else { throw .rare }
        var parser = JSONParser(JSONTape(data))
        try parser.document()
        return parser.finish()
    }

    private init(_ tape: consuming JSONTape) {
        self.bytes = tape.bytes
        self.count = tape.byteCount
        self.tape = tape
    }

    private consuming func finish() -> JSONTape { self.tape }

    private mutating func document() throws(Stop) {
        // A byte order mark, or another encoding than UTF-8.
        if self.count > 0, self.bytes[0] >= 0x80 { throw .rare }
        for index in 0..<min(4, self.count) where self.bytes[index] == 0 { throw .rare }
        self.skipSpace()
        try self.value(Name())
        self.skipSpace()
        guard self.index == self.count else { throw .noJSON }
    }

    /// Where a member's name stands; empty for what has none.
    private struct Name {
        var start = 0
        var count = 0
        var head: UInt64 = 0
    }

    private var next: UInt8? { self.index < self.count ? self.bytes[self.index] : nil }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }

    private mutating func append(_ kind: JSONNode.Kind, _ name: Name, _ bits: UInt64 = 0) {
        self.tape.append(
            JSONNode(
                kind: kind, end: UInt32(truncatingIfNeeded: self.tape.count + 1),
                nameStart: UInt32(truncatingIfNeeded: name.start), nameCount: UInt32(truncatingIfNeeded: name.count),
                nameHead: name.head, bits: bits))
    }

    private mutating func value(_ name: Name) throws(Stop) {
        guard let next = self.next else { throw .noJSON }
        switch next {
        case UInt8(ascii: "\""):
            let (start, count) = try self.string()
            self.append(.text, name, UInt64(truncatingIfNeeded: start) << 32 | UInt64(truncatingIfNeeded: count))
        case UInt8(ascii: "{"): try self.object(name)
        case UInt8(ascii: "["): try self.array(name)
        case UInt8(ascii: "t"): try self.word("true", .yes, name)
        case UInt8(ascii: "f"): try self.word("false", .no, name)
        case UInt8(ascii: "n"): try self.word("null", .null, name)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try self.number(name)
        default: throw .noJSON
        }
    }

    private mutating func word(_ word: StaticString, _ kind: JSONNode.Kind, _ name: Name) throws(Stop) {
        let end = self.index + word.utf8CodeUnitCount
        guard end <= self.count else { throw .noJSON }
        for offset in 0..<word.utf8CodeUnitCount {
            guard self.bytes[self.index + offset] == word.utf8Start[offset] else { throw .noJSON }
        }
        self.index = end
        self.append(kind, name)
    }

    /// Short whole numbers; others have too many forms.
    private mutating func number(_ name: Name) throws(Stop) {
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
            try self.fraction(name)
        default: self.append(.integer, name, UInt64(bitPattern: isNegative ? -value : value))
        }
    }

    /// One number with a fraction or an exponent, as the general decoder reads it.
    private mutating func fraction(_ name: Name) throws(Stop) {
        let start = self.index
        while let byte = self.next,
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
        { self.index += 1 }
        let text = Data(bytes: self.bytes + start, count: self.index - start)
        switch try? JSONDecoder().decode(JSONValue.self, from: text) {
        case .integer(let value): self.append(.integer, name, UInt64(bitPattern: value))
        case .number(let value): self.append(.number, name, value.bitPattern)
        default: throw .noJSON
        }
    }

    private mutating func array(_ name: Name) throws(Stop) {
        let place = self.tape.count
        self.append(.array, name)
        try self.enter()
        var count = 0
        if self.next == UInt8(ascii: "]") {
            self.leave()
            return
        }
        while true {
            try self.value(Name())
            count += 1
            self.skipSpace()
            switch self.next {
            case UInt8(ascii: ","):
                self.index += 1
                self.skipSpace()
                // The general decoder forgives a comma before the end.
                if self.next == UInt8(ascii: "]") { throw .rare }
            case UInt8(ascii: "]"):
                self.leave()
                self.tape.close(place, count)
                return
            default: throw .noJSON
            }
        }
    }

    private mutating func object(_ outer: Name) throws(Stop) {
        let place = self.tape.count
        self.append(.object, outer)
        try self.enter()
        if self.next == UInt8(ascii: "}") {
            self.leave()
            return
        }
        var count = 0
        var last = Name()
        var isInOrder = true
        while true {
            guard self.next == UInt8(ascii: "\"") else { throw .noJSON }
            let name = try self.name()
            if count > 0, isInOrder, !self.isBefore(last, name) { isInOrder = false }
            last = name
            self.skipSpace()
            guard self.next == UInt8(ascii: ":") else { throw .noJSON }
            self.index += 1
            self.skipSpace()
            try self.value(name)
            count += 1
            self.skipSpace()
            switch self.next {
            case UInt8(ascii: ","):
                self.index += 1
                self.skipSpace()
                if self.next == UInt8(ascii: "}") { throw .rare }
            case UInt8(ascii: "}"):
                self.leave()
                self.tape.close(place, count)
                // Which of two members of one name counts is for the general decoder to say.
                if !isInOrder, self.tape.hasRepeatedName(place) { throw .rare }
                return
            default: throw .noJSON
            }
        }
    }

    private func isBefore(_ left: Name, _ right: Name) -> Bool {
        if left.head != right.head { return left.head < right.head }
        return UnsafeBufferPointer(start: self.bytes + left.start, count: left.count)
            .lexicographicallyPrecedes(UnsafeBufferPointer(start: self.bytes + right.start, count: right.count))
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

    private mutating func name() throws(Stop) -> Name {
        let (start, count) = try self.string()
        return Name(
            start: start, count: count, head: JSONName.head(of: UnsafeBufferPointer(start: self.bytes + start, count: count)))
    }

    /// Reads a text. What was escaped in it is written over the escapes, which are never shorter.
    private mutating func string() throws(Stop) -> (start: Int, count: Int) {
        self.index += 1
        let start = self.index
        var isASCII = true
        if try self.skipPlain(&isASCII) == UInt8(ascii: "\"") {
            let count = self.index - start
            self.index += 1
            guard isASCII || UTF8Check.isValid(UnsafeBufferPointer(start: self.bytes + start, count: count)) else {
                throw .noJSON
            }
            return (start, count)
        }
        return (start, try self.unescape(from: start))
    }

    /// Goes on to the quotation mark that ends a text, or to its first backslash, and says which.
    private mutating func skipPlain(_ isASCII: inout Bool) throws(Stop) -> UInt8 {
        while true {
            // Eight bytes at a time, as long as all of them are plain.
            while self.index + 8 <= self.count {
                let special = Self.special(UnsafeRawPointer(self.bytes + self.index).loadUnaligned(as: UInt64.self))
                guard special == 0 else {
                    self.index += special.littleEndian.trailingZeroBitCount / 8
                    break
                }
                self.index += 8
            }
            guard let byte = self.next else { throw .noJSON }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
            case 0..<0x20: throw .noJSON
            case 0x80...: isASCII = false
            default: break
            }
            self.index += 1
        }
    }

    /// Marks which of eight bytes end a text or need a closer look (quotation mark, backslash, control, beyond ASCII), in the
    /// highest bit of each; those above the first one marked may be marked without need.
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let slashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let marked = (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word | word
        return marked & (ones &* 0x80)
    }

    /// The rest of a text with escapes; the index is at the first of them. Returns how many bytes the text has.
    private mutating func unescape(from start: Int) throws(Stop) -> Int {
        var end = self.index
        func put(_ byte: UInt8) {
            self.bytes[end] = byte
            end += 1
        }
        while let byte = self.next {
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard UTF8Check.isValid(UnsafeBufferPointer(start: self.bytes + start, count: end - start)) else {
                    throw .noJSON
                }
                return end - start
            case UInt8(ascii: "\\"):
                guard let escape = self.next else { throw .noJSON }
                self.index += 1
                switch escape {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): put(escape)
                case UInt8(ascii: "n"): put(0x0A)
                case UInt8(ascii: "r"): put(0x0D)
                case UInt8(ascii: "t"): put(0x09)
                case UInt8(ascii: "b"): put(0x08)
                case UInt8(ascii: "f"): put(0x0C)
                case UInt8(ascii: "u"): for unit in UTF8.encode(try self.scalar()) ?? .init() { put(unit) }
                default: throw .noJSON
                }
            case 0..<0x20: throw .noJSON
            default: put(byte)
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
        guard self.index + 4 <= self.count else { throw .noJSON }
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
