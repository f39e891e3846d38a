/// Collects which values an evaluation looks up in code tables. With it a value without a row isn't a failure.
final class CodeCount {
    private(set) var uses: [CodeUse] = []

    func lookedUp(_ text: String, _ code: CodeLookup.Code?, _ lookup: CodeLookup, _ expression: Expression) {
        let place = expression.position
        self.uses.append(
            CodeUse(
                rule: "\(place.file):\(place.line)", field: expression.field, table: lookup.file, find: lookup.find,
                give: lookup.give, otherwise: lookup.otherwise.name, text: text, row: code?.line))
    }
}

extension CodeLookup.Otherwise {
    fileprivate var name: String {
        switch self {
        case .fail: "fail"
        case .nothing: "nothing"
        case .keep: "keep"
        case .value: "value"
        }
    }
}
