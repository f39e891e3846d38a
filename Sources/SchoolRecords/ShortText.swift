/// At most 24 bytes of ASCII, put together without memory of their own: dates, identity numbers, telephone numbers.
package struct ShortText: Sendable, Hashable, CustomStringConvertible {
    private var bytes: (UInt64, UInt64, UInt64) = (0, 0, 0)
    package private(set) var count = 0

    package static let capacity = 24

    package init() {}

    /// `nil` when there are more bytes than there is room for.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.capacity else { return nil }
        var text = String(text)
        self = text.withUTF8 { ShortText(bytes: $0) }
    }

    /// There must be room for them.
    init(bytes: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBytes(of: &self.bytes) { $0.copyMemory(from: UnsafeRawBufferPointer(bytes)) }
        self.count = bytes.count
    }

    /// Some of another text's bytes behind a fixed text.
    package init(_ beginning: StaticString, _ other: ShortText, _ range: Range<Int>) {
        for index in 0..<beginning.utf8CodeUnitCount { self.append(beginning.utf8Start[index]) }
        self.append(other, range)
    }

    package subscript(index: Int) -> UInt8 { withUnsafeBytes(of: self.bytes) { $0[index] } }

    /// Appends one byte; there must be room for it.
    package mutating func append(_ byte: UInt8) {
        withUnsafeMutableBytes(of: &self.bytes) { $0[self.count] = byte }
        self.count += 1
    }

    /// Appends the last so many digits of a number, with leading zeros.
    package mutating func append(_ value: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            self.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends some of another text's bytes.
    package mutating func append(_ other: ShortText, _ range: Range<Int>) {
        withUnsafeMutableBytes(of: &self.bytes) { bytes in
            withUnsafeBytes(of: other.bytes) { others in
                for (offset, index) in range.enumerated() { bytes[self.count + offset] = others[index] }
            }
        }
        self.count += range.count
    }

    package func begins(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= self.count else { return false }
        for index in 0..<length where self[index] != text.utf8Start[index] { return false }
        return true
    }

    /// The number that some of the bytes are the digits of; `nil` when one of them is no digit.
    package func number(_ range: Range<Int>) -> Int? {
        withUnsafeBytes(of: self.bytes) { bytes in
            var value = 0
            for index in range {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                value = value * 10 + Int(digit)
            }
            return value
        }
    }

    package var description: String {
        withUnsafeBytes(of: self.bytes) { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { String(utf8: UnsafeBufferPointer(rebasing: $0[..<self.count])) }
        }
    }

    package static func == (left: ShortText, right: ShortText) -> Bool { left.bytes == right.bytes && left.count == right.count }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.bytes.0)
        hasher.combine(self.bytes.1)
        hasher.combine(self.bytes.2)
    }
}

extension String {
    /// Bytes of UTF-8 as a text. The same as decoding them; quicker for what fits into a string without memory of its own.
    init(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.count <= 15 {
            self.init(unsafeUninitializedCapacity: bytes.count) { $0.initialize(fromContentsOf: bytes) }
        } else {
            self.init(decoding: bytes, as: UTF8.self)
        }
    }
}
