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
    /// As it is written in the file.
    let text: String

    /// The field of what is at hand, when the path is that alone.
    let onlyMember: String?

    init(root: Root, steps: [Step], text: String) {
        self.root = root
        if case .record = root, steps.count == 1, case .member(let name) = steps[0] {
            self.onlyMember = name
        } else {
            self.onlyMember = nil
        }
        self.text = text
        self.steps = steps
    }
}
