import Foundation

/// Text with characters that the file's encoding has no bytes for.
struct NotEncodable: Error, Hashable {
    /// The first is 0.
    let column: Int
}

extension DelimitedFormat {
    /// A row with its line end, as bytes.
    ///
    /// Such files have no quoting, so what would break a row can't stand in it: each line break, each other control
    /// character (a tab among them) and the delimiter itself becomes one space.
    ///
    /// - Throws: ``NotEncodable`` for a text that ISO 8859-1 has no letters for.
    func bytes(of row: [String]) throws(NotEncodable) -> [UInt8] {
        var bytes: [UInt8] = []
        for (column, text) in row.enumerated() {
            if column > 0 { bytes.append(UInt8(ascii: self.delimiter.character)) }
            guard self.append(self.plain(text), to: &bytes) else { throw NotEncodable(column: column) }
        }
        bytes.append(contentsOf: self.lineEnding.text.utf8)
        return bytes
    }

    /// The text as it can stand in a row.
    func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: self.breaksRow) else { return text }
        var plain = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in text.unicodeScalars {
            if self.breaksRow(scalar) {
                // Return and line feed are one line break.
                if !(afterReturn && scalar == "\n") { plain.append(" ") }
            } else {
                plain.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return String(plain)
    }

    private func breaksRow(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: scalar == self.delimiter.character
        }
    }

    private func append(_ text: String, to bytes: inout [UInt8]) -> Bool {
        switch self.encoding {
        case .utf8:
            bytes.append(contentsOf: text.utf8)
            return true
        case .latin1:
            // Letters in two parts (a and a ring) are put together first.
            let whole = text.utf8.allSatisfy({ $0 < 0x80 }) ? text : text.precomposedStringWithCanonicalMapping
            for scalar in whole.unicodeScalars {
                guard let byte = UInt8(exactly: scalar.value) else { return false }
                bytes.append(byte)
            }
            return true
        }
    }
}
