import Crypto
import SchoolRecords

/// The id of a record that a file names by some of its columns.
enum RowID {
    /// A UUID of version 8 (RFC 9562) from SHA-256: the same system, entity and texts give the same.
    static func uuid(system: String, entity: Entity, parts: [String]) -> String {
        var hash = SHA256()
        for text in ["knutpunkt-row", system, entity.rawValue] + parts {
            // The lengths keep apart what belongs apart.
            hash.update(data: Array("\(text.utf8.count):\(text)".utf8))
        }
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef")
        var text = ""
        for (position, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(position) { text.append("-") }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return text
    }
}
