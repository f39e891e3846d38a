/// A stable fingerprint of contents: FNV-1a, 64 bits. Tells versions apart; proves nothing.
package struct ContentHash: Sendable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// Adds a text; that there is none is another content than an empty one.
    package mutating func add(_ text: String?) {
        guard let text else { return self.add(1) }
        for byte in text.utf8 { self.add(byte) }
        self.add(0)
    }

    private mutating func add(_ byte: UInt8) {
        self.state = (self.state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// 16 hexadecimal digits.
    package var text: String {
        let digits = String(self.state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
