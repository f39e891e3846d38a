import SchoolRecords

/// How a system takes files that hold everything: a row that isn't in one is gone.
struct FullFilesSettings: Sendable {
    /// One kind of row, and the files it stands in.
    struct File: Sendable {
        let kind: String
        /// With `{group}` where there is a file for each value of ``groupBy``.
        let name: String
        let groupBy: String?
        /// The fields in the order of the columns; "" stays empty.
        let columns: [String]
        let required: [String]
        let format: DelimitedFormat

        /// The file of a group: the group's letters and digits, and a part that no other group has.
        func fileName(_ group: String, system: String) -> String {
            let plain = group.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
            let mark = RowID.uuid(system: system, entity: .organisation, parts: [group]).prefix(8)
            return self.name.replacing(Self.placeholder, with: "\(String(plain.prefix(60)))-\(mark)")
        }

        static let placeholder = "{group}"
    }

    var dropFolder: String
    var stateFolder: String
    var batchSize: Int
    var files: [File]

    /// Whether a file in the drop folder is one of ours.
    func isOurs(_ name: String) -> Bool {
        self.files.contains { FileGlob.matches($0.name.replacing(File.placeholder, with: "*"), name) }
    }

    func file(of kind: String) -> File? { self.files.first { $0.kind == kind } }
}
