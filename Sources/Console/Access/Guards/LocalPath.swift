/// Paths of the console that somebody may be sent on to.
public enum LocalPath {
    /// A path as it may stand in `Location`.
    ///
    /// - Returns: `nil` for what browsers would take for another host, and for what isn't one line of plain characters.
    public static func valid(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 2048, bytes.dropFirst().first != UInt8(ascii: "/"),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return text
    }
}
