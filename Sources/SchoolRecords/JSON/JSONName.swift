/// The name of a member of a JSON object, made ready once and looked up many times.
///
/// Names are told apart and put in order by their UTF-8 bytes. The first eight of them stand in one word and the last eight in
/// another, which together decide nearly always, so that a name is found without reading any text.
@usableFromInline
package struct JSONName: Sendable {
    /// What tells nearly all names apart, as plain numbers.
    @usableFromInline
    package struct Code: Sendable {
        /// The first eight bytes, the first of them highest; what is missing is 0.
        @usableFromInline let head: UInt64
        /// The last eight bytes of a name that has more; otherwise 0.
        @usableFromInline let tail: UInt64
        @usableFromInline let count: Int
    }

    @usableFromInline package let code: Code
    @usableFromInline package let text: String

    package init(_ text: String) {
        var text = text
        self.code = text.withUTF8 { Code(head: Self.head(of: $0), tail: Self.tail(of: $0), count: $0.count) }
        self.text = text
    }

    static func head(of text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { Self.head(of: $0) }
    }

    static func head(of bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard bytes.count < 8, let base = bytes.baseAddress else {
            return bytes.baseAddress.map { UInt64(bigEndian: UnsafeRawPointer($0).loadUnaligned(as: UInt64.self)) } ?? 0
        }
        var head: UInt64 = 0
        for index in 0..<bytes.count { head |= UInt64(base[index]) << UInt64(56 - 8 * index) }
        return head
    }

    static func tail(of bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard bytes.count > 8, let base = bytes.baseAddress else { return 0 }
        return UnsafeRawPointer(base + (bytes.count - 8)).loadUnaligned(as: UInt64.self)
    }
}
