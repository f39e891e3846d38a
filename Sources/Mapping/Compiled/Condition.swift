/// Whether something holds.
indirect enum Condition: Sendable {
    enum Comparison: String, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    enum TextMatch: String, Sendable, CaseIterable {
        case beginning = "starts with"
        case end = "ends with"
        case anywhere = "contains"
    }

    enum Period: String, Sendable, CaseIterable {
        /// It has begun and hasn't ended.
        case current
        /// It has yet to begin.
        case upcoming
        /// It is over.
        case ended
    }

    enum Operand: Sendable {
        case text(String)
        case day(RelativeDay)
    }

    case all([Condition])
    case any([Condition])
    case not(Condition)
    case exists(RecordPath)
    case isIn(RecordPath, Set<String>)
    case compare(RecordPath, Comparison, Operand)
    /// What a text begins with, ends with, or has in it.
    case holdsText(RecordPath, TextMatch, String)
    /// How a period, from `startDate` to `endDate`, stands to a day; both days belong to it, and an absent date sets no bound.
    case period(RecordPath, Period, RelativeDay)
}

extension Condition {
    /// The paths that it looks at, those in filters not included.
    var paths: [RecordPath] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.paths)
        case .not(let part): part.paths
        case .exists(let path), .isIn(let path, _), .compare(let path, _, _), .holdsText(let path, _, _), .period(let path, _, _):
            [path]
        }
    }
}
