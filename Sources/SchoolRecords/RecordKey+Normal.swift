extension RecordKey {
    /// The one form of an id: a UUID in lower case and without braces, any other text as it is.
    ///
    /// SS 12000 says that an id is a UUID shared by all systems; .NET servers write some of them `{…}` or in upper case.
    public static func normalID(_ text: String) -> String {
        guard text.utf8.count == 36 || text.utf8.count == 38 else { return text }
        var bytes = Array(text.utf8)
        if bytes.count == 38, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") {
            bytes = Array(bytes[1..<37])
        }
        guard bytes.count == 36 else { return text }
        var needsChange = bytes.count != text.utf8.count
        for index in bytes.indices {
            let byte = bytes[index]
            switch index {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return text }
            default:
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): break
                case UInt8(ascii: "A")...UInt8(ascii: "F"):
                    bytes[index] = byte | 0x20
                    needsChange = true
                default: return text
                }
            }
        }
        return needsChange ? String(decoding: bytes, as: UTF8.self) : text
    }
}
