import Foundation

/// JSON for people to read, the same for the same value.
public enum ReadableJSON {
    /// A value with sorted names, each on a line of its own.
    ///
    /// - Throws: `EncodingError` for what JSON has no form for, such as a number that is infinite.
    public static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
