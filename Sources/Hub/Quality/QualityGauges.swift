import Metrics
import Reconciliation

/// `knutpunkt_quality_findings{rule,unit}` of a run.
struct QualityGauges {
    /// Whose numbers these are; 0 = of none yet.
    private(set) var run: Int64 = 0
    /// What had findings in a run that was shown is shown from then on, with 0 when nothing is found any more.
    private(set) var values: [QualityCount.Place: Int] = [:]

    mutating func take(_ counts: [QualityCount], of run: Int64) {
        self.run = run
        self.values = self.values.mapValues { _ in 0 }
        for count in counts where count.found > 0 { self.values[count.place, default: 0] += count.found }
    }

    func set() {
        for (place, value) in self.values {
            Gauge(
                label: "knutpunkt_quality_findings", dimensions: [("rule", place.rule.rawValue), ("unit", place.unit ?? "")]
            ).record(value)
        }
    }
}
