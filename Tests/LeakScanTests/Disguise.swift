import CZlib
import Foundation
import TestChance

/// Ways to write a text, made by other hands than those that read it.
enum Disguise: String, CaseIterable {
    case plain, capitals, small, latin1, utf16LE, utf16BE, decomposed
    case percent, percentCapitals, percentPlus, percentTwice, latin1Percent
    case jsonUnicode, jsonInJSON, backslashX, xmlDecimal, xmlHex, html, quotedPrintable
    case base64, base64URL, base64Lines, base64OfUTF16, jsonOfBase64
    case hexadecimal, gzip, zlib, gzipInBase64, gzipOfGzip, gzipOfJSON

    func bytes(_ text: String, _ random: inout SeededRandom) -> [UInt8] {
        let utf8 = Array(text.utf8)
        // Between other content, so that base64 begins at any of its three places.
        let before = (0..<Int.random(in: 0...7, using: &random)).map { _ in UInt8(ascii: "k") }
        let wrapped = before + utf8 + Array("zz".utf8)
        switch self {
        case .plain: return utf8
        case .capitals: return Array(text.uppercased().utf8)
        case .small: return Array(text.lowercased().utf8)
        case .latin1: return Array(text.data(using: .isoLatin1) ?? Data())
        case .utf16LE: return Array(text.data(using: .utf16LittleEndian) ?? Data())
        case .utf16BE: return Array(text.data(using: .utf16BigEndian) ?? Data())
        case .decomposed: return Array(text.decomposedStringWithCanonicalMapping.utf8)
        case .percent:
            return Array(
                (text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.subtracting(.init(charactersIn: "aeåäö"))) ?? "")
                    .utf8)
        case .percentCapitals: return Array(utf8.map { String(format: "%%%02X", $0) }.joined().utf8)
        case .percentPlus:
            return Array(
                (text.addingPercentEncoding(withAllowedCharacters: .urlHostAllowed) ?? "").replacing("%20", with: "+").utf8)
        case .percentTwice:
            let once = utf8.map { String(format: "%%%02x", $0) }.joined()
            return Array(once.replacing("%", with: "%25").utf8)
        case .latin1Percent:
            return Array((text.data(using: .isoLatin1) ?? Data()).map { String(format: "%%%02X", $0) }.joined().utf8)
        case .jsonUnicode:
            return Array(
                text.utf16.map { $0 < 0x61 ? String(UnicodeScalar(UInt8($0))) : String(format: "\\u%04x", $0) }.joined().utf8)
        case .jsonInJSON:
            let once = text.utf16.map { $0 < 0x80 ? String(UnicodeScalar(UInt8($0))) : String(format: "\\u%04X", $0) }.joined()
            return Array(once.replacing("\\", with: "\\\\").utf8)
        case .backslashX:
            return Array(utf8.map { $0 < 0x80 ? String(UnicodeScalar($0)) : String(format: "\\x%02X", $0) }.joined().utf8)
        case .xmlDecimal: return Array(text.unicodeScalars.map { "&#\($0.value);" }.joined().utf8)
        case .xmlHex: return Array(text.unicodeScalars.map { String(format: "&#x%X;", $0.value) }.joined().utf8)
        case .html:
            let names = [
                "å": "&aring;", "ä": "&auml;", "ö": "&ouml;", "Å": "&Aring;", "Ä": "&Auml;", "Ö": "&Ouml;", "é": "&eacute;",
            ]
            return Array(text.map { names[String($0)] ?? String($0) }.joined().utf8)
        case .quotedPrintable:
            var line = ""
            for (place, byte) in utf8.enumerated() {
                line += byte < 0x80 ? String(UnicodeScalar(byte)) : String(format: "=%02X", byte)
                if place == 5 { line += "=\r\n" }
            }
            return Array(line.utf8)
        case .base64: return Array(Data(wrapped).base64EncodedString().utf8)
        case .base64URL:
            return Array(
                Data(wrapped).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
                    .utf8)
        case .base64Lines:
            let long = (0..<50).map { _ in UInt8.random(in: 0...255, using: &random) } + wrapped + (0..<90).map { UInt8($0) }
            return Array(
                Data(long).base64EncodedString(options: [
                    .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
                ]).utf8)
        case .base64OfUTF16: return Array(Data(before + Disguise.utf16LE.bytes(text, &random)).base64EncodedString().utf8)
        case .jsonOfBase64: return Array(Data(wrapped).base64EncodedString().replacing("/", with: "\\/").utf8)
        case .hexadecimal: return Array(wrapped.map { String(format: "%02x", $0) }.joined().utf8)
        case .gzip: return Self.compressed(wrapped, 31)
        case .zlib: return Self.compressed(wrapped, 15)
        case .gzipInBase64: return Array(Data(Self.compressed(wrapped, 31)).base64EncodedString().utf8)
        case .gzipOfGzip: return Self.compressed(Self.compressed(wrapped, 31), 31)
        case .gzipOfJSON: return Self.compressed(Disguise.jsonUnicode.bytes(text, &random), 31)
        }
    }

    /// Compressed by zlib itself; at level 9, so that nothing of the text stands in it as it is.
    static func compressed(_ bytes: [UInt8], _ windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        guard
            deflateInit2_(&stream, 9, Z_DEFLATED, windowBits, 8, Z_FIXED, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { return [] }
        defer { deflateEnd(&stream) }
        let input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count * 2 + 100)
        let count = input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return deflate(&stream, Z_FINISH) == Z_STREAM_END ? target.count - Int(stream.avail_out) : 0
            }
        }
        return Array(output.prefix(count))
    }
}
