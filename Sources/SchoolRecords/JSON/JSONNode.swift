/// A value of a document that was read, with the name that it has in its object.
///
/// The values stand in the order in which they were read: an object or a list, then what is in it, then what comes after it.
@usableFromInline
struct JSONNode: Sendable {
    @usableFromInline
    enum Kind: UInt32, Sendable {
        case null
        case no
        case yes
        case integer
        case number
        case text
        case array
        case object
    }

    @usableFromInline let kind: Kind
    /// Where the value after this one is, past everything that is in it.
    @usableFromInline var end: UInt32
    /// Where the name's bytes are, and how many; the first of them as of ``JSONName``. All 0 where there is none.
    @usableFromInline let nameStart: UInt32
    @usableFromInline let nameCount: UInt32
    @usableFromInline let nameHead: UInt64
    /// Of an integer or a number its value, of a text where its bytes are and how many, of a list how much is in it.
    @usableFromInline var bits: UInt64

    @inlinable var textStart: Int { Int(self.bits >> 32) }
    @inlinable var textCount: Int { Int(self.bits & 0xFFFF_FFFF) }
}
