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

    enum Operand: Sendable {
        case text(String)
        case today
    }

    case all([Condition])
    case any([Condition])
    case not(Condition)
    case exists(RecordPath)
    case isIn(RecordPath, Set<String>)
    case compare(RecordPath, Comparison, Operand)
    /// `startDate` is not after today and `endDate` not before it; an absent date sets no bound.
    case current(RecordPath)
}
