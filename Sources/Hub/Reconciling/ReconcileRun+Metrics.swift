import Metrics

extension ReconcileRun {
    /// Sets the gauges of the systems that were read: `knutpunkt_reconcile_agreement_ratio`, `knutpunkt_reconcile_differences` and
    /// `knutpunkt_reconcile_in_flight`, each by system.
    public func measure() {
        for system in self.systems where system.state == .done {
            let labels = [("system", system.system)]
            Gauge(label: "knutpunkt_reconcile_agreement_ratio", dimensions: labels).record(system.agreement)
            Gauge(label: "knutpunkt_reconcile_differences", dimensions: labels).record(system.differences)
            Gauge(label: "knutpunkt_reconcile_in_flight", dimensions: labels).record(system.inFlight)
        }
    }
}
