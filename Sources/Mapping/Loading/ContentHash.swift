/// A stable fingerprint of the files' contents: FNV-1a, 64 bits. Tells versions apart; proves nothing.
struct ContentHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { self.add(byte) }
        self.add(0)
    }

    private mutating func add(_ byte: UInt8) {
        self.state = (self.state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// 16 hexadecimal digits.
    var text: String {
        let digits = String(self.state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
