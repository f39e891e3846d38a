import SchoolRecords

/// Goes through a list; what it is at has a name.
struct EachRule: Sendable {
    let name: String
    let slot: Int
    let path: RecordPath
    /// What parts of a text stand between, when the rule goes through the parts of each text.
    let separator: String?
}

extension EachRule {
    /// The element itself, or the parts of its text, without space around them and without empty ones.
    func values(of found: Found) -> [Found] {
        guard let separator = self.separator else { return [found] }
        guard let text = found.text else { return [] }
        return text.split(separator: separator).compactMap { part in
            let words = part.split(whereSeparator: \.isWhitespace)
            return words.isEmpty ? nil : .made(.string(words.joined(separator: " ")))
        }
    }
}
