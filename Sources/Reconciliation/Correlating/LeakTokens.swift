/// What nobody may see of persons whose identity is protected, to be looked for in what systems hold.
///
/// Only hashes of the values are kept.
public struct LeakTokens: Sendable {
    private var hashes: Set<Int> = []

    public init() {}

    public var isEmpty: Bool { self.hashes.isEmpty }

    /// Adds a value that stands for one person alone: an id, an identity number, an e-mail address. Shorter than six signs stands
    /// for nobody alone.
    public mutating func insert(_ value: String) {
        let plain = Self.plain(value.utf8)
        if plain.count >= 6 { self.hashes.insert(plain.hashValue) }
    }

    /// Whether a row's key, a part of it, or a field shows any of them.
    public func isShown(in row: PackedRow) -> Bool {
        guard !self.hashes.isEmpty else { return false }
        var isShown = false
        func look(_ bytes: some Sequence<UInt8>) {
            if !isShown, self.hashes.contains(Self.plain(bytes).hashValue) { isShown = true }
        }
        let key = row.key
        look(key.utf8)
        if key.contains("|") { for part in key.split(separator: "|") { look(part.utf8) } }
        row.forEachField { _, value in look(value) }
        return isShown
    }

    /// Whether a text, or a part of it between `|`, is any of them.
    public func isShown(_ text: String) -> Bool {
        guard !self.hashes.isEmpty else { return false }
        return ([text[...]] + text.split(separator: "|")).contains { self.hashes.contains(Self.plain($0.utf8).hashValue) }
    }

    /// Letters and digits alone, in lower case: the same however it is written.
    private static func plain(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.compactMap { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: byte
            default: nil
            }
        }
    }
}
