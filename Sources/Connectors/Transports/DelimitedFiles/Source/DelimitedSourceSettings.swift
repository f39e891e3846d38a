import SchoolRecords

/// Which files a system leaves for the hub, and how they are read.
struct DelimitedSourceSettings: Sendable {
    enum Content: String, Sendable, CaseIterable {
        /// Every record there is; what isn't in the file is gone.
        case full
        /// What has changed since the file before.
        case delta
        /// What somebody has to be told of now. Of what isn't in it nothing is said, and nothing is ever said to be gone; a notice is kept
        /// as long as its file.
        case notices
    }

    enum BadRows: String, Sendable, CaseIterable {
        /// One of them and nothing of the file is taken.
        case reject
        /// The others are taken; a full file with any of them takes nothing away.
        case skip
    }

    enum KeyForm: String, Sendable, CaseIterable {
        /// A UUID made of the key's texts: the same texts give the same, and it shows none of them.
        case uuid
        /// The texts themselves with `|` between; only for keys that are nobody's identity number.
        case text
    }

    /// One kind of file.
    struct File: Sendable {
        var entity: Entity
        /// With `*` for any text.
        var name: String
        var columns: [String]
        var delimiter: DelimitedFormat.Delimiter
        var encoding: SourceEncoding
        var header: Bool
        var quotes: Bool
        var key: [String]
        var keyForm: KeyForm
        var content: Content
        /// The column and the word in it that say that a record is gone.
        var deletion: (column: String, value: String)?
        var dates: [String: ColumnDate]
        /// What stands in a column of dates where there is none, e.g. `9999-12-31` for an open end.
        var noDates: Set<String> = []
        /// The columns by which rows become one record; empty = each row is one.
        var groupBy: [String] = []
        var badRows: BadRows
        /// How text is taken apart that has no columns; its names stand in `columns`.
        var blocks: TermBlocks?

        func takes(_ fileName: String) -> Bool { FileGlob.matches(self.name, fileName) }
    }

    var folder: String
    var files: [File]
    /// How long a file must lie unchanged before it counts as whole.
    var unchanged: Duration
    /// A file is whole when another of its name with this after it is there; `nil` goes by ``unchanged``.
    var readySuffix: String?
    /// How long files that are no longer needed are kept.
    var keepDays: Int
    /// Records on a page.
    var pageLimit: Int

    /// Whether all that there is of an entity is known from its files.
    func tellsAll(of entity: Entity) -> Bool {
        !self.files.contains { $0.entity == entity && $0.content == .notices }
    }

    var entities: [Entity] { Set(self.files.map(\.entity)).sorted() }
}
