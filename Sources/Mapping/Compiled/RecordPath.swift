import SchoolRecords

/// A path through a record and, with `->`, on into the records that it refers to.
///
/// A class for the same reason as ``Expression``.
final class RecordPath: Sendable {
    enum Root: Sendable, Hashable {
        case record
        /// Something that `each` or `let` named.
        case slot(Int)
    }

    enum Step: Sendable {
        /// A member of an object; of each object when it is a list.
        case member(String)
        /// One element of a list, from 0.
        case index(Int)
        /// The elements that the conditions hold for.
        case filter([Condition])
        /// The record that a reference points to.
        case follow(Entity)
    }

    let root: Root
    let steps: [Step]

    init(root: Root, steps: [Step]) {
        self.root = root
        self.steps = steps
    }
}

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
