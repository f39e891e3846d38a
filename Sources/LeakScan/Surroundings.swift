/// What stands beside a text that was found: whether it is a word or number of its own, and whether its companion is there.
struct Surroundings {
    let bytes: UnsafePointer<UInt8>
    let count: Int
    let form: LeakForm

    /// How many characters a companion may be away.
    private static let reach = 60
    /// Names of fields that may stand between given and family name.
    private static let fieldNames: Set<String> = [
        "givenname", "familyname", "firstname", "lastname", "surname", "middlename", "given", "family", "middle", "first", "last",
        "name",
        "förnamn", "efternamn", "mellannamn", "fornamn", "namn", "sn", "gn", "fn", "ln", "string", "value", "n",
    ]

    /// Where the text begins and ends, with its companion if it needs one; `nil` when it is part of another word or number, or alone.
    func extent(of token: LeakToken, from start: Int, to end: Int) -> Range<Int>? {
        switch token.border {
        case .anything: return start..<end
        case .number:
            let isWhole =
                !(self.before(start).first.map(Self.isDigit) ?? false) && !(self.after(end).first.map(Self.isDigit) ?? false)
            return isWhole ? start..<end : nil
        case .word:
            guard !(self.before(start).first.map(Self.isOfWord) ?? false), !(self.after(end).first.map(Self.isOfWord) ?? false)
            else {
                return nil
            }
            guard let companion = token.companion else { return start..<end }
            if let length = self.length(to: companion, in: self.after(end, Self.reach), isBackwards: false) {
                return start..<(end + length)
            }
            return self.length(to: companion, in: self.before(start, Self.reach), isBackwards: true).map { (start - $0)..<end }
        }
    }

    /// How many bytes it is to the end of a companion; `nil` when another word stands there.
    private func length(to companion: LeakToken.Companion, in scalars: [Unicode.Scalar], isBackwards: Bool) -> Int? {
        // A name of two words (Anna-Karin) is met at its first or its last.
        let parts = companion.word.unicodeScalars.split(whereSeparator: { !Self.isOfWord($0) }).map {
            String(String.UnicodeScalarView($0))
        }
        for word in scalars.split(whereSeparator: { !Self.isOfWord($0) }) {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: isBackwards ? Array(word.reversed()) : Array(word))
            let folded = String(text).lowercased()
            if let near = isBackwards ? parts.last : parts.first, folded == near {
                return scalars[..<word.endIndex].reduce(0) { $0 + self.width($1) }
            }
            if !Self.fieldNames.contains(folded), !companion.between.contains(folded) { return nil }
        }
        return nil
    }

    /// How many bytes a character has.
    private func width(_ scalar: Unicode.Scalar) -> Int {
        switch self.form {
        case .latin1: 1
        case .utf16LE, .utf16BE: 2
        default: String(Character(scalar)).utf8.count
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic || Self.isDigit(scalar) }

    /// The characters after a place, in the encoding of what was found.
    private func after(_ end: Int, _ limit: Int = 1) -> [Unicode.Scalar] {
        let stop = min(self.count, end + limit * 4)
        return Array(self.decoded(end, stop).prefix(limit))
    }

    /// The characters before a place, the nearest first.
    private func before(_ start: Int, _ limit: Int = 1) -> [Unicode.Scalar] {
        var from = max(0, start - limit * 4)
        switch self.form {
        case .utf16LE, .utf16BE: from += (start - from) % 2
        case .plain: while from < start, self.bytes[from] & 0xC0 == 0x80 { from += 1 }
        default: break
        }
        return Array(self.decoded(from, start).reversed().prefix(limit))
    }

    private func decoded(_ from: Int, _ to: Int) -> [Unicode.Scalar] {
        guard from < to else { return [] }
        let part = UnsafeBufferPointer(start: self.bytes + from, count: to - from)
        switch self.form {
        case .latin1: return part.map { Unicode.Scalar($0) }
        case .utf16LE, .utf16BE:
            let isLittle = self.form == .utf16LE
            return stride(from: 0, to: part.count - 1, by: 2).map { place in
                let (first, second) = (UInt16(part[place]), UInt16(part[place + 1]))
                return Unicode.Scalar(isLittle ? second << 8 | first : first << 8 | second) ?? "\u{FFFD}"
            }
        default: return Array(String(decoding: part, as: UTF8.self).unicodeScalars)
        }
    }
}
