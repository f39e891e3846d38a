/// A run of characters that may be base64 or hexadecimal, while it goes by.
struct CodedRun {
    enum Coding {
        case base64, hexadecimal

        var form: LeakForm { self == .base64 ? .base64 : .hexadecimal }
        /// How many places it may have begun at.
        var shifts: Int { self == .base64 ? 4 : 2 }
        fileprivate var bits: UInt32 { self == .base64 ? 6 : 4 }

        /// How many characters stand for so many bytes.
        func characters(_ bytes: Int) -> Int { self == .base64 ? bytes * 4 / 3 : bytes * 2 }
    }

    /// Shorter runs are words.
    static let shortest = 12
    /// With padding after it, a shorter one is base64.
    static let shortestPadded = 8
    /// Lines of mail and PEM have 60 to 76 characters.
    static let shortestLine = 60
    /// What hides behind shorter runs is text and nothing else.
    static let shortestWrapped = 28
    /// A run is decoded when it has so many characters, and goes on.
    static let piece = 1 << 15

    private(set) var characters: [UInt8] = []
    /// Where its first character stands in the stream.
    private(set) var start = 0
    /// Whether an earlier part of it has been decoded.
    private(set) var isLong = false
    /// How many characters were dropped after they had been decoded.
    private(set) var dropped = 0
    private var line = 0
    private var isAfterBreak = false

    var isOpen: Bool { !self.characters.isEmpty }

    mutating func append(_ bytes: UnsafePointer<UInt8>, _ count: Int, at start: Int) {
        if self.characters.isEmpty { self.start = start }
        self.characters.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        self.line += count
        self.isAfterBreak = false
    }

    /// Whether it may go on after a byte that isn't part of it: a break between lines of one length.
    mutating func goesOn(after byte: UInt8) -> Bool {
        guard byte == 0x0A || byte == 0x0D, self.isAfterBreak || self.line >= Self.shortestLine else { return false }
        (self.line, self.isAfterBreak) = (0, true)
        return true
    }

    mutating func clear() {
        self.characters.removeAll(keepingCapacity: true)
        (self.isLong, self.dropped, self.line, self.isAfterBreak) = (false, 0, 0, false)
    }

    /// What to read it as. Identifiers and hashes are hexadecimal, and no base64 of anything.
    var codings: [Coding] {
        var (digits, dashes) = (0, 0)
        for character in self.characters {
            if ByteTables.digit(character) != nil { digits += 1 } else if character == 0x2D { dashes += 1 }
        }
        guard digits + dashes == self.characters.count else { return [.base64] }
        let isLongEnough = self.characters.count >= 24
        return (dashes == 0 ? [.hexadecimal] : []) + (isLongEnough ? [] : [.base64])
    }

    /// What is held of it, when it began at `shift`.
    ///
    /// - Parameter isEnd: whether it is over; otherwise what ``drop()`` leaves is decoded the next time.
    func decoded(_ coding: Coding, shift: Int, isEnd: Bool) -> [UInt8] {
        let end = isEnd ? self.characters.count : self.characters.count & ~3 - 4 + shift
        guard shift < end else { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end - shift)
        var (held, width): (UInt32, UInt32) = (0, 0)
        for character in self.characters[shift..<end] {
            guard let value = coding == .base64 ? ByteTables.sextet(character) : ByteTables.digit(character) else { continue }
            held = held << coding.bits | UInt32(value)
            width += coding.bits
            if width >= 8 {
                width -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> width))
            }
        }
        return bytes
    }

    /// Lets go of what was decoded at every shift.
    mutating func drop() {
        let count = self.characters.count & ~3 - 4
        self.characters.removeFirst(count)
        self.dropped += count
        self.isLong = true
    }
}
