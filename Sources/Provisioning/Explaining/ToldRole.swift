/// A role, or a rule that nearly gives it, with what is said of it to people.
public struct ToldRole: Sendable, Hashable {
    /// `+ ~ - = !`; `nil` for a rule.
    public let sign: String?
    public let title: String
    /// A line each: by which rule, delivered when by which plan, what is in the way.
    public let details: [String]

    public init(sign: String?, title: String, details: [String]) {
        self.sign = sign
        self.title = title
        self.details = details
    }
}
