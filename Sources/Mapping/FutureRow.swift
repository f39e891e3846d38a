/// A row that is kept back until its day.
public struct FutureRow: Sendable, Hashable {
    public let row: OutputRow
    /// The first day that it is given, `yyyy-MM-dd`.
    public let until: String
}
