/// A binding key of a topic exchange: words between dots, `*` for exactly one word, `#` for any number of them.
public struct TopicPattern: Sendable, Hashable {
    private let words: [Substring]

    public init(_ pattern: String) {
        self.words = pattern.split(separator: ".", omittingEmptySubsequences: false)
    }

    public func matches(_ routingKey: String) -> Bool {
        Self.match(self.words[...], routingKey.split(separator: ".", omittingEmptySubsequences: false)[...])
    }

    private static func match(_ pattern: ArraySlice<Substring>, _ key: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        let rest = pattern.dropFirst()
        if first == "#" {
            return (key.startIndex...key.endIndex).contains { Self.match(rest, key[$0...]) }
        }
        guard let word = key.first, first == "*" || first == word else { return false }
        return Self.match(rest, key.dropFirst())
    }
}
