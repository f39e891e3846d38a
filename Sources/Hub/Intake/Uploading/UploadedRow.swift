public import ConnectorKit
public import SchoolRecords

/// One row, or element, of what somebody hands in.
public struct UploadedRow: Sendable {
    public enum Content: Sendable {
        case record(SourceRecord)
        /// It says that a record is gone.
        case deletion(RecordKey)
        case unusable(UploadProblem)
    }

    /// From 1, in the order in which they came.
    public let number: Int
    /// The line of the text on which it begins, from 1; `nil` for what has no lines.
    public let line: Int?
    public let content: Content

    public init(number: Int, line: Int?, _ content: Content) {
        self.number = number
        self.line = line
        self.content = content
    }
}

/// Why a row can't be taken. Holds no value of it.
public struct UploadProblem: Error, Sendable, Hashable {
    /// A stable word.
    public let code: String
    /// The column, or the field, that it is about.
    public let column: String?
    public let message: Bilingual

    public init(_ code: String, column: String? = nil, sv: String, en: String) {
        self.code = code
        self.column = column
        self.message = Bilingual(sv: sv, en: en)
    }
}

/// Why nothing of what somebody hands in is looked at.
public struct UploadRefusal: Error, Sendable, Hashable {
    public enum Code: String, Sendable, Hashable {
        case unknownSource = "unknown-source"
        case unknownEntity = "unknown-entity"
        /// The source's settings describe no such text.
        case noColumns = "no-columns"
        case unreadable
        case tooManyRows = "too-many-rows"
        /// Who has to do with some units can't say what all of the source is.
        case notWhole = "not-whole"
        /// Who is protected isn't known yet.
        case tooEarly = "too-early"
    }

    public let code: Code
    public let message: Bilingual

    public init(_ code: Code, sv: String, en: String) {
        self.code = code
        self.message = Bilingual(sv: sv, en: en)
    }
}
