import SchoolRecords

/// What is gathered from the values at the end of a path, one after another, until it is enough.
///
/// A value rather than a closure: paths are walked a hundred times for a record, and a closure's context would be held and
/// let go at every step.
struct Harvest {
    enum Purpose: Sendable {
        /// The first value.
        case first
        /// The first that an expression makes something of.
        case refined
        /// How many there are.
        case count
        /// The text of the first that has one.
        case firstText
        /// The texts of all.
        case texts
        /// All of them, with where they stand.
        case elements
    }

    /// What there can be many of.
    final class List {
        var texts: [String] = []
        var elements: [Element] = []
    }

    struct Element {
        let value: Found
        /// Only for who wants it explained.
        let place: String?
        /// The day before which what is made of it isn't given.
        let heldUntil: String?
    }

    let purpose: Purpose
    /// What the values are for.
    let expression: Expression?
    var found: Found?
    var count = 0
    /// For a purpose that gathers many.
    let list: List?
    var texts: [String] { self.list?.texts ?? [] }
    var elements: [Element] { self.list?.elements ?? [] }

    init(_ purpose: Purpose, for expression: Expression? = nil) {
        self.purpose = purpose
        self.expression = expression
        self.list = purpose == .texts || purpose == .firstText || purpose == .elements ? List() : nil
    }

    /// Goes past elements whose way is blocked; otherwise the first blocked one ends it.
    var passesBlocked: Bool { self.purpose == .elements }
}
