import SchoolRecords

/// How one system takes records over REST.
struct RESTTargetSettings: Sendable {
    /// How it is reached; the same as for reading.
    var server: SS12000Settings
    var batchSize: Int
    /// Calls that are under way at the same time.
    var parallelCalls: Int
    /// In the order in which rows are written.
    var resources: [RESTResource]

    func resource(of kind: String) -> RESTResource? { self.resources.first { $0.kind == kind } }
}
