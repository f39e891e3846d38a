/// Counts which codes were looked up, with or without a row in the table.
final class CodeCount {
    struct Use: Hashable {
        let file: String
        let line: Int
        let column: Int
        let field: String
        let table: String
        let find: String
        let give: String
    }

    struct Tally {
        /// What happens without a row: `fail`, `nothing`, `keep`, `value`.
        let otherwise: String
        var found: [String: Int] = [:]
        var missing: [String: Int] = [:]
    }

    private(set) var uses: [Use: Tally] = [:]

    func lookedUp(_ text: String, _ code: CodeLookup.Code?, _ lookup: CodeLookup, _ expression: Expression) {
        let place = expression.position
        let use = Use(
            file: place.file, line: place.line, column: place.column, field: expression.field, table: lookup.file,
            find: lookup.find, give: lookup.give)
        var tally = self.uses.removeValue(forKey: use) ?? Tally(otherwise: lookup.otherwise.name)
        if code == nil { tally.missing[text, default: 0] += 1 } else { tally.found[text, default: 0] += 1 }
        self.uses[use] = tally
    }
}

extension CodeLookup.Otherwise {
    var name: String {
        switch self {
        case .fail: "fail"
        case .nothing: "nothing"
        case .keep: "keep"
        case .value: "value"
        }
    }
}
