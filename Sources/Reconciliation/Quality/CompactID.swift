/// A text in sixteen bytes: a UUID as it is, any other text by two hashes. Known for as long as a run goes on, and only within it.
struct CompactID: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64

    init(_ text: String) {
        if let uuid = Self.uuid(text) {
            (self.high, self.low) = uuid
            return
        }
        // FNV-1a, once forwards and once with another beginning and every byte turned over.
        var (first, second): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x9ae1_6a3b_2f90_404f)
        for byte in text.utf8 {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(~byte)) &* 0x100_0000_01b3
            second ^= second >> 29
        }
        (self.high, self.low) = (first, second)
    }

    private static func uuid(_ text: String) -> (UInt64, UInt64)? {
        guard text.utf8.count == 36 else { return nil }
        var (high, low, digits): (UInt64, UInt64, Int) = (0, 0, 0)
        for (place, byte) in text.utf8.enumerated() {
            if [8, 13, 18, 23].contains(place) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
            digits += 1
        }
        return (high, low)
    }
}
