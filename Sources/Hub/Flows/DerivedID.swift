import Crypto

/// Ids of derived records: the same for the same origin, whenever and wherever it is made.
public enum DerivedID {
    /// The name space of the hub's derived records (RFC 9562, section 5.5).
    private static let space: [UInt8] = [
        0x6b, 0x1f, 0x2c, 0x4e, 0x90, 0x3d, 0x4a, 0x77, 0x8c, 0x55, 0x0d, 0xe2, 0x71, 0xb8, 0x39, 0xa4,
    ]

    /// A UUID of version 5 from a flow's name and what tells the record from others, e.g. ids of origins and a day.
    /// Never give it an identity number: what goes into a hash can be guessed.
    public static func of(flow: String, _ parts: String...) -> String {
        // Lengths before the parts, so that no two lists run together.
        var text = Self.space
        text.reserveCapacity(256)
        for part in [flow] + parts {
            text.append(contentsOf: "\(part.utf8.count):".utf8)
            text.append(contentsOf: part.utf8)
        }
        var bytes = Array(Insecure.SHA1.hash(data: text).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        return Self.uuid(bytes)
    }

    /// 16 bytes as a UUID is written.
    private static func uuid(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for (index, byte) in bytes.enumerated() {
                if [4, 6, 8, 10].contains(index) {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                text[place] = digits[Int(byte >> 4)]
                text[place + 1] = digits[Int(byte & 0xf)]
                place += 2
            }
            return place
        }
    }
}
