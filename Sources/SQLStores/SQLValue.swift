public import Foundation

/// A value of a column or an argument.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob(Data)

    /// The text, or nothing for `NULL`.
    public static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    /// The number, or nothing for `NULL`.
    public static func optional(_ number: Int64?) -> SQLValue { number.map(SQLValue.integer) ?? .null }
    /// The bytes, or nothing for `NULL`.
    public static func optional(_ data: Data?) -> SQLValue { data.map(SQLValue.blob) ?? .null }
}

/// One row of an answer, by column position.
public struct SQLRow: Sendable {
    private let values: [SQLValue]

    public init(_ values: [SQLValue]) { self.values = values }

    /// The text of a column; empty for `NULL` and anything else.
    public func text(_ column: Int) -> String { self.optionalText(column) ?? "" }

    /// The text of a column; nothing for `NULL` and anything else.
    public func optionalText(_ column: Int) -> String? {
        if case .text(let text) = self.values[column] { return text }
        return nil
    }

    /// The number of a column; 0 for `NULL` and anything else.
    public func integer(_ column: Int) -> Int64 { self.optionalInteger(column) ?? 0 }

    /// The number of a column; nothing for `NULL` and anything else.
    public func optionalInteger(_ column: Int) -> Int64? {
        if case .integer(let number) = self.values[column] { return number }
        return nil
    }

    /// The bytes of a column; nothing for `NULL` and anything else.
    public func optionalBlob(_ column: Int) -> Data? {
        if case .blob(let data) = self.values[column] { return data }
        return nil
    }
}

extension SQLRow {
    /// A column as it is.
    func value(_ column: Int) -> SQLValue {
        if let number = self.optionalInteger(column) { return .integer(number) }
        if let text = self.optionalText(column) { return .text(text) }
        return .optional(self.optionalBlob(column))
    }
}
