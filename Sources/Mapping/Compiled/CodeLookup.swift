/// A code table read in one direction.
final class CodeLookup: Sendable {
    enum Otherwise: Sendable {
        /// The record fails.
        case fail
        case nothing
        case keep
        case value(String)
    }

    struct Code: Sendable {
        let text: String
        /// Of the table's file.
        let line: Int
    }

    /// The table's file.
    let file: String
    let find: String
    let give: String
    let codes: [String: Code]
    let otherwise: Otherwise

    /// What messages call it.
    var written: String { "\(self.file): \(self.find) → \(self.give)" }

    init(file: String, find: String, give: String, codes: [String: Code], otherwise: Otherwise) {
        self.file = file
        self.find = find
        self.give = give
        self.codes = codes
        self.otherwise = otherwise
    }
}
