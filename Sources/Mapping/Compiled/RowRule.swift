/// How one kind of row is made.
final class RowRule: Sendable {
    let kind: String
    let each: [EachRule]
    let when: WhenRule?
    let fields: [(name: String, expression: Expression)]
    /// The fields that together are the row's key.
    let key: [String]
    /// The fields without their values, to begin a row with, and where each of them is in there: so no name has to be looked
    /// for when a row is made.
    let blank: [String: String]
    let places: [Dictionary<String, String>.Index]
    /// Which fields are parts of the key, in the key's order.
    let keyFields: [Int]
    /// How fields of the record are read back.
    let reversals: [(name: String, reversal: Reversal)]
    let purpose: Purpose?
    /// What becomes of what has yet to begin; `nil` when the system says it.
    let future: FuturePolicy?
    let position: Position

    init(
        kind: String, each: [EachRule], when: WhenRule?, fields: [(name: String, expression: Expression)], key: [String],
        reversals: [(name: String, reversal: Reversal)], purpose: Purpose?, future: FuturePolicy?, position: Position
    ) {
        self.kind = kind
        self.each = each
        self.when = when
        self.fields = fields
        self.key = key
        let blank = Dictionary(fields.map { ($0.name, "") }, uniquingKeysWith: { first, _ in first })
        self.blank = blank
        self.places = fields.compactMap { blank.index(forKey: $0.name) }
        self.keyFields = key.compactMap { name in fields.firstIndex { $0.name == name } }
        self.reversals = reversals
        self.purpose = purpose
        self.future = future
        self.position = position
    }

    /// The key of a row, while all fields are there.
    func key(of fields: [String: String]) -> String {
        let first = fields[self.places[self.keyFields[0]]].value
        guard self.keyFields.count > 1 else { return first }
        var length = self.keyFields.count - 1
        for field in self.keyFields { length += fields[self.places[field]].value.utf8.count }
        return String(unsafeUninitializedCapacity: length) { buffer in
            var count = 0
            for (index, field) in self.keyFields.enumerated() {
                if index > 0 {
                    buffer[count] = UInt8(ascii: "|")
                    count += 1
                }
                var part = fields[self.places[field]].value
                part.withUTF8 { bytes in
                    _ = UnsafeMutableBufferPointer(rebasing: buffer[count...]).initialize(fromContentsOf: bytes)
                    count += bytes.count
                }
            }
            return count
        }
    }
}
