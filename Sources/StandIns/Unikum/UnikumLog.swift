/// A row that the Unikum stand-in has taken.
public struct UnikumAppliedRow: Sendable, Hashable {
    public enum Operation: String, Sendable, Hashable {
        /// An object was set.
        case set
        /// A relation was added.
        case add
        /// A relation was removed.
        case remove
    }

    public let kind: String
    public let key: String
    public let operation: Operation
    /// Equal for equal content (FNV-1a of the row); differs for different content.
    public let contentHash: UInt64
    /// Whether anything is otherwise than before the row came.
    public let hadEffect: Bool

    /// Which row it is, and what it says.
    var state: UnikumRowState { UnikumRowState(kind: self.kind, key: self.key, contentHash: self.contentHash) }
}

/// A row with its content, whenever and in whichever file it comes.
public struct UnikumRowState: Sendable, Hashable {
    public let kind: String
    public let key: String
    /// As of the row's ``UnikumAppliedRow/contentHash``.
    public let contentHash: UInt64
}

/// A file that the Unikum stand-in has taken, in the order in which it took them.
public struct UnikumAppliedFile: Sendable, Hashable {
    public enum Part: Int, Sendable, Hashable, Comparable {
        case objects = 1
        case relations = 2

        public static func < (left: Part, right: Part) -> Bool { left.rawValue < right.rawValue }
    }

    /// The batch's id, from the file's name.
    public let batch: String
    public let part: Part
    /// Whether this part of this batch was taken before.
    public let isRepeat: Bool
    public let rows: [UnikumAppliedRow]
    /// For a repeat: its rows that weren't there the first time.
    public let added: Set<UnikumRowState>
    /// For a repeat: the rows of the first time that aren't there any more.
    public let withdrawn: Set<UnikumRowState>

    /// - Parameter first: the file of the same part and batch that was taken first, if this isn't it.
    init(batch: String, part: Part, rows: [UnikumAppliedRow], first: UnikumAppliedFile?) {
        let (before, now) = (Set((first?.rows ?? []).map(\.state)), first == nil ? [] : Set(rows.map(\.state)))
        self.batch = batch
        self.part = part
        self.isRepeat = first != nil
        self.rows = rows
        self.added = now.subtracting(before)
        self.withdrawn = before.subtracting(now)
    }
}

/// A row, or a whole file, that the Unikum stand-in didn't take. It holds no value of the row.
public struct UnikumRejection: Sendable, Hashable, CustomStringConvertible {
    /// The file's name without its folder.
    public let file: String
    /// The line, the first being 1; 0 for the whole file.
    public let line: Int
    /// A stable word, e.g. `column-count`, `unknown-person`.
    public let code: String
    /// One line for people.
    public let message: String

    public var description: String { "\(self.file):\(self.line): \(self.message) [\(self.code)]" }
}

/// A row as the Unikum stand-in holds it.
public struct UnikumRow: Sendable, Hashable {
    public let kind: String
    public let key: String
    /// Columns by name, empty ones and the row type left out; of a relation `from` and `to`.
    public let fields: [String: String]
}

/// How much the Unikum stand-in has and has seen.
public struct UnikumStatistics: Sendable, Hashable {
    /// Rows held now, by kind.
    public internal(set) var held: [String: Int] = [:]
    public internal(set) var files = 0
    /// Files of a batch and part that came before.
    public internal(set) var repeatedFiles = 0
    /// Rows taken, those of repeated files among them.
    public internal(set) var rows = 0
    public internal(set) var rejectedRows = 0

    /// All rows held.
    public var heldRows: Int { self.held.values.reduce(0, +) }
}
