public import Hub

extension ReconcileRun {
    /// Ends a command about systems, or kinds of rows, that the run didn't compare: nothing found there would look like nothing wrong.
    ///
    /// - Throws: ``AppError`` with those that it compared.
    public func requireParts(systems: Set<String>, kinds: Set<String>) throws {
        let compared = Set(self.systems.map(\.system))
        if let stranger = systems.subtracting(compared).min() {
            let known = compared.sorted().joined(separator: ", ")
            throw AppError(
                .notFound, sv: "\(self.id) jämförde inte \(stranger). Den jämförde: \(known)",
                en: "\(self.id) didn't compare \(stranger). It compared: \(known)")
        }
        let parts = self.systems.filter { systems.isEmpty || systems.contains($0.system) }
        // What a system that wasn't read has isn't known.
        guard parts.allSatisfy({ $0.state == .done }) else { return }
        let known = Set(parts.flatMap(\.rows.keys)).union(self.causes.map(\.kind))
        if let stranger = kinds.subtracting(known).min() {
            let known = known.sorted().joined(separator: ", ")
            throw AppError(
                .notFound, sv: "\(self.id) jämförde inga rader av slaget \(stranger). Den jämförde: \(known)",
                en: "\(self.id) compared no rows of the kind \(stranger). It compared: \(known)")
        }
    }
}
