import Foundation

/// The bytes by which a token is looked for in one encoding of text.
struct TokenPattern: Hashable {
    let token: Int
    let form: LeakForm
    /// Folded, see ``ByteTables/fold``.
    let bytes: [UInt8]
}

enum TokenPatterns {
    /// All that a token may look like without being escaped, encoded or compressed. ASCII letters are folded; other letters stand as they are,
    /// small and large, composed and decomposed.
    static func patterns(of token: LeakToken, at index: Int) -> Set<TokenPattern> {
        let text = token.text
        var spellings: Set<String> = []
        for cased in [text, text.lowercased(), text.uppercased()] {
            // Swift's own equality takes the two for one: told apart by their bytes below.
            spellings.insert(cased)
        }
        var patterns: Set<TokenPattern> = []
        func add(_ form: LeakForm, _ bytes: [UInt8]) {
            guard bytes.count >= LeakScanner.shortest else { return }
            patterns.insert(TokenPattern(token: index, form: form, bytes: bytes.map { ByteTables.folded($0) }))
        }
        for spelling in spellings {
            for normal in [spelling.precomposedStringWithCanonicalMapping, spelling.decomposedStringWithCanonicalMapping] {
                add(.plain, Array(normal.utf8))
                add(.utf16LE, normal.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
                add(.utf16BE, normal.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] })
                let scalars = normal.unicodeScalars
                if scalars.contains(where: { $0.value > 0x7F }), scalars.allSatisfy({ $0.value <= 0xFF }) {
                    add(.latin1, scalars.map { UInt8(truncatingIfNeeded: $0.value) })
                }
            }
        }
        return patterns
    }
}

/// What the scanner knows of each byte.
enum ByteTables {
    static let base64: UInt8 = 1
    static let escape: UInt8 = 2
    static let magic: UInt8 = 4
    static let hexadecimal: UInt8 = 8

    /// Small letters for large ones, and a space for the plus that stands for it in forms.
    static func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x41...0x5A: byte + 0x20
        case 0x2B: 0x20
        default: byte
        }
    }

    static func kinds(_ byte: UInt8) -> UInt8 {
        var kinds: UInt8 = 0
        if Self.sextet(byte) != nil { kinds |= Self.base64 }
        if Self.digit(byte) != nil { kinds |= Self.hexadecimal }
        // % \ & =
        if [0x25, 0x5C, 0x26, 0x3D].contains(byte) { kinds |= Self.escape }
        // gzip, zlib, ZIP
        if [0x1F, 0x78, 0x50].contains(byte) { kinds |= Self.magic }
        return kinds
    }

    /// The six bits of a character of base64, of either alphabet.
    static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case 0x2B, 0x2D: 62
        case 0x2F, 0x5F: 63
        default: nil
        }
    }

    /// The value of a hexadecimal digit.
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
