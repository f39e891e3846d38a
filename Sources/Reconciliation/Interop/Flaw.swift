import SchoolRecords

/// What is wrong with a value, a field or a row that arrived.
public enum Flaw: String, Sendable, Hashable, Codable, CaseIterable {
    case rowMissing = "row-missing"
    case fieldMissing = "field-missing"
    case shortened
    /// Letters beyond ASCII are others or gone.
    case characters
    case dateShifted = "date-shifted"
    case letterCase = "letter-case"
    case leadingZeros = "leading-zeros"
    case digitsTurned = "digits-turned"
    case wrongCode = "wrong-code"
    case otherValue = "other-value"
    /// The value from before a change.
    case notUpdated = "not-updated"
    case notDeleted = "not-deleted"
    case duplicated
    /// A message didn't get there in time.
    case notArrived = "not-arrived"
    /// A message failed on the way.
    case failed
    /// A rule is another than the one that was agreed.
    case otherRule = "other-rule"
    /// A field is given that nobody agreed to.
    case notAgreed = "not-agreed"

    /// Tells in what way a value is another than it should be.
    ///
    /// - Parameter before: what the field had before a change.
    /// - Returns: `nil` when they are equal.
    public static func between(_ expected: String, _ found: String?, before: String? = nil) -> Flaw? {
        guard let found, !found.isEmpty else { return expected.isEmpty ? nil : .fieldMissing }
        if found == expected { return nil }
        if found == before { return .notUpdated }
        if let wanted = CalendarDate(String(expected.prefix(10))), let got = CalendarDate(String(found.prefix(10))) {
            return abs(wanted.daysSinceEpoch - got.daysSinceEpoch) <= 2 ? .dateShifted : .otherValue
        }
        if Self.isNumber(expected), Self.isNumber(found) {
            if Self.withoutZeros(expected) == Self.withoutZeros(found) { return .leadingZeros }
            if expected.sorted() == found.sorted() { return .digitsTurned }
        }
        if expected.hasPrefix(found) { return .shortened }
        if expected.lowercased() == found.lowercased() { return .letterCase }
        if Self.plain(expected) == Self.plain(found) { return .characters }
        return .otherValue
    }

    private static func isNumber(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } }

    private static func withoutZeros(_ text: String) -> Substring { text.drop { $0 == "0" } }

    /// What is left of a text when everything beyond ASCII, and what stands in for it, is taken away.
    private static func plain(_ text: String) -> String {
        let folded = text.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "å", "ä", "à", "á", "â": "a"
            case "Å", "Ä", "À", "Á", "Â": "A"
            case "ö", "ó", "ô": "o"
            case "Ö", "Ó", "Ô": "O"
            case "é", "è", "ë", "ê": "e"
            case "É", "È", "Ë", "Ê": "E"
            case "ü": "u"
            case "Ü": "U"
            default: Character(scalar)
            }
        }
        // Read as another encoding, one letter has become two or a mark; both leave the vowels out.
        return String(folded.filter { $0.isASCII && !"aouieAOUIE?".contains($0) })
    }
}
