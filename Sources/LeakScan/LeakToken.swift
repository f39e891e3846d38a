/// A text that must not be found, and of whom it tells what. The text itself is never shown: what describes a token names its owner by an
/// opaque id.
public struct LeakToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What may stand beside it without making it another text.
    public enum Border: Sendable, Hashable {
        /// It is unique: found inside of other words too.
        case anything
        /// A name: a letter or digit before or after it makes it another word.
        case word
        /// A number: a digit before or after it makes it another number.
        case number
    }

    /// Whose it is, as an opaque id.
    public let owner: String
    /// What it tells, e.g. `familyName`.
    public let field: String
    let text: String
    let border: Border
    /// A second word that must stand beside it, and the words that may stand between the two; `nil` = it is evidence alone.
    let companion: Companion?

    struct Companion: Sendable, Hashable {
        let word: String
        let between: Set<String>
    }

    /// - Parameters:
    ///   - text: at least ``LeakScanner/shortest`` bytes in UTF-8 and in ISO 8859-1; shorter ones are found nowhere.
    ///   - border: what may stand beside it.
    public init(owner: String, field: String, text: String, border: Border = .anything) {
        (self.owner, self.field, self.text, self.border, self.companion) = (owner, field, text, border, nil)
    }

    /// A name that others have too: evidence only beside another name of the same person.
    ///
    /// - Parameters:
    ///   - companion: the other name, before or after it.
    ///   - between: names that may stand between the two, e.g. a middle name; the usual names of fields may always.
    public init(owner: String, field: String, text: String, companion: String, between: [String] = []) {
        (self.owner, self.field, self.text, self.border) = (owner, field, text, .word)
        self.companion = Companion(word: companion.lowercased(), between: Set(between.map { $0.lowercased() }))
    }

    public var description: String { "\(self.owner) \(self.field)" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: ["owner": self.owner, "field": self.field]) }
}

/// How a text was written where it was found; one inside of another, from the outside inwards.
public enum LeakForm: String, Sendable, Hashable, Codable, CaseIterable {
    /// UTF-8 (or ASCII), in any case of letters.
    case plain
    case latin1 = "iso-8859-1"
    case utf16LE = "utf-16le"
    case utf16BE = "utf-16be"
    /// Percent, JSON, XML and HTML, quoted-printable.
    case escaped
    case base64
    case hexadecimal
    /// gzip, zlib, or a member of a ZIP archive.
    case compressed
}
