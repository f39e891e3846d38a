/// A code table read in one direction.
final class CodeLookup: Sendable {
    enum Otherwise: Sendable {
        /// The record fails.
        case fail
        case nothing
        case keep
        case value(String)
    }

    /// The table's file.
    let file: String
    let find: String
    let codes: [String: String]
    let otherwise: Otherwise

    init(file: String, find: String, codes: [String: String], otherwise: Otherwise) {
        self.file = file
        self.find = find
        self.codes = codes
        self.otherwise = otherwise
    }
}
