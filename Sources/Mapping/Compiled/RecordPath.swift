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
    /// The steps, ready to be walked.
    let way: [PathStep]
    /// What kind each of them is.
    let kinds: [PathStep.Kind]
    /// What tells the name of each of them from others.
    let codes: [JSONName.Code]
    /// As it is written in the file.
    let text: String

    /// Whether it looks at nothing but the record (or the element, in a filter) and the day: it can't be blocked, and its
    /// values are the same wherever it stands.
    let isSelfContained: Bool
    let hasFilter: Bool
    /// Whether it is what is at hand itself.
    var isHere: Bool { self.way.isEmpty && self.root == .record }
    /// The field of what is at hand, when the path is that alone.
    let onlyMember: JSONName?

    init(root: Root, steps: [Step], text: String) {
        self.root = root
        if case .record = root, steps.count == 1, case .member(let name) = steps[0] {
            self.onlyMember = JSONName(name)
        } else {
            self.onlyMember = nil
        }
        self.text = text
        var isSelfContained = root == .record
        var hasFilter = false
        for step in steps {
            switch step {
            case .member, .index: break
            case .filter(let conditions):
                hasFilter = true
                isSelfContained = isSelfContained && conditions.allSatisfy { $0.paths.allSatisfy(\.isSelfContained) }
            case .follow: isSelfContained = false
            }
        }
        self.isSelfContained = isSelfContained
        self.hasFilter = hasFilter
        self.steps = steps
        self.way = steps.map(PathStep.init)
        self.kinds = self.way.map(\.kind)
        self.codes = self.way.map(\.name.code)
    }
}
