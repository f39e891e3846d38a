import Foundation

/// Forms and queries as text (`application/x-www-form-urlencoded`).
public enum FormText {
    static func encode(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(Self.escape($0.0))=\(Self.escape($0.1))" }.joined(separator: "&")
    }

    /// The fields of a form or a query.
    ///
    /// - Returns: `nil` when it can't be read, or when a field comes twice: it would be one for this and another for that reader.
    public static func decode(_ text: String) -> [String: String]? {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.unescape(halves[0]), let value = Self.unescape(halves.count > 1 ? halves[1] : ""),
                fields.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return fields
    }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func escape(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: Self.plain) ?? "" }

    private static func unescape(_ text: Substring) -> String? { text.replacing("+", with: " ").removingPercentEncoding }
}
