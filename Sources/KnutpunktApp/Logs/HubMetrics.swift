import Console
import CoreMetrics

/// The program's metrics.
public enum HubMetrics {
    /// Has everything counted from now on. Once a program.
    ///
    /// - Returns: what gives the metrics in Prometheus' text format.
    public static func install() -> @Sendable () -> String {
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        return { metrics.text }
    }
}
