import Crypto
import Foundation

/// Ids of derived records: the same for the same origin, whenever and wherever it is made.
public enum DerivedID {
    /// The name space of the hub's derived records (RFC 9562, section 5.5).
    private static let space: [UInt8] = [
        0x6b, 0x1f, 0x2c, 0x4e, 0x90, 0x3d, 0x4a, 0x77, 0x8c, 0x55, 0x0d, 0xe2, 0x71, 0xb8, 0x39, 0xa4,
    ]

    /// A UUID of version 5 from a flow's name and what tells the record from others, e.g. ids of origins and a day.
    /// Never give it an identity number: what goes into a hash can be guessed.
    public static func of(flow: String, _ parts: String...) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: Self.space)
        // Lengths before the parts, so that no two lists run together.
        for part in [flow] + parts { hash.update(data: Data("\(part.utf8.count):\(part)".utf8)) }
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        let uuid = UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9], bytes[10],
                bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
        return uuid.uuidString.lowercased()
    }
}
