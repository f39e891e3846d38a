/// Counts by word, that stand in JSON as an object: `{"missing": 3}`. A dictionary whose keys aren't texts would stand there as a list.
@propertyWrapper
public struct NamedCounts<Word>: Sendable, Hashable, Codable
where Word: RawRepresentable<String> & Hashable & Sendable & Codable {
    public var wrappedValue: [Word: Int]

    public init(wrappedValue: [Word: Int]) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let named = try? container.decode([String: Int].self) else {
            // As earlier versions of the hub kept it.
            self.wrappedValue = try container.decode([Word: Int].self)
            return
        }
        self.wrappedValue = Dictionary(
            named.compactMap { name, count in Word(rawValue: name).map { ($0, count) } }, uniquingKeysWith: { first, _ in first })
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(self.wrappedValue.map { ($0.rawValue, $1) }, uniquingKeysWith: { first, _ in first }))
    }
}
