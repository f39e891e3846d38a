import Foundation

/// Brings the bytes of a document into UTF-8 without byte order mark and declaration.
///
/// Edlevo's replies begin with a byte order mark, and some say `utf-16` and are UTF-8. What the bytes are counts before what
/// they say; what they say decides only between encodings of one byte.
enum XMLBytes {
    /// - Parameter isOneByteUndeclared: whether what says nothing and is no UTF-8 is in an encoding of one byte.
    static func utf8(_ data: Data, isOneByteUndeclared: Bool = false) throws(XMLProblem) -> Data {
        var data = data
        let mark = Array(data.prefix(3))
        if mark.starts(with: [0xEF, 0xBB, 0xBF]) {
            data = data.dropFirst(3)
        } else if mark.starts(with: [0xFF, 0xFE]) || mark.starts(with: [0xFE, 0xFF]) {
            data = try self.decoded(data, .utf16)
        } else if mark.starts(with: [0x3C, 0x00]) {
            data = try self.decoded(data, .utf16LittleEndian)
        } else if mark.starts(with: [0x00, 0x3C]) {
            data = try self.decoded(data, .utf16BigEndian)
        }
        while let first = data.first, [0x20, 0x09, 0x0A, 0x0D].contains(first) { data = data.dropFirst() }
        guard !data.isEmpty else { throw .notWhole }
        let declaration = self.declaration(data)
        data = data.dropFirst(declaration.utf8.count)
        if String(validating: data, as: UTF8.self) != nil { return data }
        // A text in an encoding of one byte is no UTF-8 as soon as a letter beyond ASCII is in it.
        guard self.isOfOneByte(declaration) || isOneByteUndeclared && declaration.isEmpty else { throw .wrongEncoding }
        return try self.decoded(data, .windowsCP1252)
    }

    private static func decoded(_ data: Data, _ encoding: String.Encoding) throws(XMLProblem) -> Data {
        guard data.count % (encoding == .windowsCP1252 ? 1 : 2) == 0 else { throw .notWhole }
        guard var text = String(data: data, encoding: encoding) else { throw .wrongEncoding }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return Data(text.utf8)
    }

    /// `<?xml … ?>` at the beginning; empty when there is none.
    private static func declaration(_ data: Data) -> String {
        let start = data.prefix(200)
        guard start.starts(with: Array("<?xml".utf8)), let end = start.firstRange(of: Data("?>".utf8)) else { return "" }
        let declaration = start[start.startIndex..<end.upperBound]
        return declaration.allSatisfy { $0 < 0x80 } ? String(decoding: declaration, as: UTF8.self) : ""
    }

    private static func isOfOneByte(_ declaration: String) -> Bool {
        let declaration = declaration.lowercased()
        return ["iso-8859-1", "latin1", "windows-1252"].contains {
            declaration.contains("\"\($0)\"") || declaration.contains("'\($0)'")
        }
    }
}
