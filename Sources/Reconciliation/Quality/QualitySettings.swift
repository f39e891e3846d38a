/// What a municipality has decided about the rules.
public struct QualitySettings: Sendable, Hashable {
    /// What begins within so many days isn't missing.
    public var horizonDays: Int
    /// Rules that aren't to be looked at.
    public var off: Set<QualityRule>
    /// Severities other than the catalogue's.
    public var severities: [QualityRule: QualitySeverity]

    /// From the end of one school year to the beginning of the next.
    public static let standardHorizonDays = 60

    public init(
        horizonDays: Int = Self.standardHorizonDays, off: Set<QualityRule> = [],
        severities: [QualityRule: QualitySeverity] = [:]
    ) {
        self.horizonDays = horizonDays
        self.off = off
        self.severities = severities
    }

    public func severity(of rule: QualityRule) -> QualitySeverity { self.severities[rule] ?? rule.severity }
}
