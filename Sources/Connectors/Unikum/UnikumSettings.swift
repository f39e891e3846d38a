import Foundation

/// How Unikum takes its import files here: what its help pages say, with what is not public set per customer.
struct UnikumSettings: Sendable, Hashable {
    /// A kind of object row.
    struct ObjectLayout: Sendable, Hashable {
        /// Stands for the row type among the columns.
        static let typeColumn = "<type>"

        /// The fields in the order of the columns; "" is a column that stays empty, ``typeColumn`` is in it once.
        var columns: [String]
        /// What stands in the row type's column.
        var rowType: String
        /// Fields without which a row is no use to Unikum.
        var required: [String]
    }

    /// A column of a relation row.
    enum RelationColumn: String, Sendable, CaseIterable {
        case operation
        case relation
        case from
        case to
    }

    var dropFolder: String
    var batchSize: Int
    var mostWaitingBatches: Int

    var objectsFile: FileNamePattern
    var objectsFormat: DelimitedFormat
    var layouts: [String: ObjectLayout]

    var relationsFile: FileNamePattern
    var relationsFormat: DelimitedFormat
    var relationColumns: [RelationColumn]
    /// The words for the operations.
    var add: String
    var remove: String
    var relationTypes: Set<String>

    /// An empty file that says that a batch is whole; `nil` when nobody waits for one.
    var readyFile: FileNamePattern?

    /// Where exports of what Unikum holds are left; `nil` when nobody leaves any.
    var held: HeldFiles?

    /// Exports of what Unikum holds: files laid out as those for its import, relations without an operation.
    struct HeldFiles: Sendable, Hashable {
        var folder: String
        /// Names, with `*` for any text; the last in the order of names counts.
        var objects: String
        var relations: String
        /// Kind of object → the field that is its key.
        var keys: [String: String]
    }

    /// The batch that a file of ours is of.
    func batch(ofFile name: String) -> String? {
        self.objectsFile.batch(of: name) ?? self.relationsFile.batch(of: name) ?? self.readyFile?.batch(of: name)
    }
}

/// A file name with the batch's id in it: `knutpunkt-{batch}-1-objects.txt`.
struct FileNamePattern: Sendable, Hashable {
    static let placeholder = "{batch}"

    let prefix: String
    let suffix: String

    /// `nil` for a text that is no file name with `{batch}` in it once.
    init?(_ text: String) {
        let parts = text.components(separatedBy: Self.placeholder)
        guard parts.count == 2, !text.contains("/"), !text.hasPrefix("."), !parts[0].isEmpty || !parts[1].isEmpty,
            !text.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { return nil }
        self.prefix = parts[0]
        self.suffix = parts[1]
    }

    func name(batch: String) -> String { self.prefix + batch + self.suffix }

    func batch(of name: String) -> String? {
        guard name.hasPrefix(self.prefix), name.hasSuffix(self.suffix),
            name.utf8.count > self.prefix.utf8.count + self.suffix.utf8.count
        else { return nil }
        let id = String(name.dropFirst(self.prefix.count).dropLast(self.suffix.count))
        return Self.isID(id) ? id : nil
    }

    /// Letters, digits and `-`, as a batch's id is promised to be.
    static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 100
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension FileNamePattern {
    init(prefix: String, suffix: String) {
        self.prefix = prefix
        self.suffix = suffix
    }
}
