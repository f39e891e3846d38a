import Foundation

/// Finds where a text stops being JSON (RFC 8259), for whoever wrote it: the parser proper only says that it does.
enum JSONPlace {
    /// Nesting beyond which a document isn't read.
    private static let deepest = 64

    /// - Returns: `nil` when it is JSON.
    static func fault(in data: Data) -> APIFault? {
        guard String(validating: data, as: UTF8.self) != nil else {
            return APIFault(pointer: "", sv: "är ingen UTF-8", en: "is no UTF-8")
        }
        var scanner = Scanner(bytes: Array(data))
        guard let place = scanner.firstFault() else { return nil }
        let before = data.prefix(place)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = place - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 - data.startIndex + 1 } ?? 0) + 1
        return APIFault(pointer: "", sv: "rad \(line), byte \(column)", en: "line \(line), byte \(column)")
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        private struct Stop: Error {}

        init(bytes: [UInt8]) { self.bytes = bytes }

        /// The byte at which it goes wrong.
        mutating func firstFault() -> Int? {
            do {
                try self.value(depth: 0)
                self.skipSpace()
                return self.position < self.bytes.count ? self.position : nil
            } catch { return min(self.position, self.bytes.count) }
        }

        private var byte: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

        private mutating func skipSpace() {
            while let byte = self.byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { self.position += 1 }
        }

        private mutating func expect(_ wanted: Character) throws {
            guard let byte = self.byte, byte == wanted.asciiValue else { throw Stop() }
            self.position += 1
        }

        private mutating func value(depth: Int) throws {
            guard depth < JSONPlace.deepest else { throw Stop() }
            self.skipSpace()
            switch self.byte {
            case UInt8(ascii: "{"):
                try self.members(until: "}") { scanner in
                    scanner.skipSpace()
                    try scanner.text()
                    scanner.skipSpace()
                    try scanner.expect(":")
                    try scanner.value(depth: depth + 1)
                }
            case UInt8(ascii: "["): try self.members(until: "]") { try $0.value(depth: depth + 1) }
            case UInt8(ascii: "\""): try self.text()
            case UInt8(ascii: "t"): for character in "true" { try self.expect(character) }
            case UInt8(ascii: "f"): for character in "false" { try self.expect(character) }
            case UInt8(ascii: "n"): for character in "null" { try self.expect(character) }
            default: try self.number()
            }
        }

        private mutating func members(until end: Character, _ member: (inout Scanner) throws -> Void) throws {
            self.position += 1
            self.skipSpace()
            if let byte = self.byte, byte == end.asciiValue {
                self.position += 1
                return
            }
            while true {
                try member(&self)
                self.skipSpace()
                if let byte = self.byte, byte == UInt8(ascii: ",") { self.position += 1 } else { return try self.expect(end) }
            }
        }

        private mutating func text() throws {
            try self.expect("\"")
            while let byte = self.byte {
                switch byte {
                case UInt8(ascii: "\""):
                    self.position += 1
                    return
                case UInt8(ascii: "\\"):
                    self.position += 1
                    guard let escape = self.byte else { throw Stop() }
                    if escape == UInt8(ascii: "u") {
                        for _ in 0..<4 {
                            self.position += 1
                            guard let digit = self.byte, Character(Unicode.Scalar(digit)).isHexDigit else { throw Stop() }
                        }
                    } else if !"\"\\/bfnrt".utf8.contains(escape) {
                        throw Stop()
                    }
                    self.position += 1
                case 0..<0x20: throw Stop()
                default: self.position += 1
                }
            }
            throw Stop()
        }

        private mutating func digits() throws {
            guard let byte = self.byte, (0x30...0x39).contains(byte) else { throw Stop() }
            while let byte = self.byte, (0x30...0x39).contains(byte) { self.position += 1 }
        }

        private mutating func number() throws {
            if self.byte == UInt8(ascii: "-") { self.position += 1 }
            if self.byte == UInt8(ascii: "0") { self.position += 1 } else { try self.digits() }
            if self.byte == UInt8(ascii: ".") {
                self.position += 1
                try self.digits()
            }
            if let byte = self.byte, [UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
                self.position += 1
                if let sign = self.byte, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(sign) { self.position += 1 }
                try self.digits()
            }
        }
    }
}
