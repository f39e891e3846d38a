/// When the hub compares systems with what they should hold, by itself.
public struct ReconcileSchedule: Sendable, Hashable {
    static let keys = ["reconcile.hour", "reconcile.changed_minutes", "reconcile.keep_days"]

    /// The hour of the day, in Sweden, from which everything is compared; `nil` = never by itself.
    public var hour: Int?
    /// Minutes between runs over what has changed; `nil` = none.
    public var changedMinutes: Int?
    /// Days for which runs, and what they found, are kept.
    public var keepDays = 30

    public init() {}

    public var isOn: Bool { self.hour != nil || self.changedMinutes != nil }

    /// Reads the keys `reconcile.*`.
    ///
    /// - Returns: what is wrong.
    mutating func read(_ text: (String) -> String?) -> [String] {
        var problems: [String] = []
        func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
            guard let written = text("reconcile.\(key)") else { return nil }
            if let number = Int(written), range.contains(number) { return number }
            problems.append(
                "reconcile.\(key): \"\(written)\" is no whole number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        self.hour = number("hour", 0...23)
        self.changedMinutes = number("changed_minutes", 1...1440)
        self.keepDays = number("keep_days", 1...3650) ?? self.keepDays
        return problems
    }
}
