public import Reconciliation

/// How what a system holds compares with what the sources say it should hold.
public struct Agreement: Sendable {
    /// The system, by the name that people know: `skola24` stands for its files too.
    public let system: String
    /// Rows that are equal on both sides.
    public let equal: Int
    public let differences: [Difference]
}
