import SchoolRecords

/// How rows are written to Edlevo's classic services.
struct ClassicTargetSettings: Sendable {
    var server: ClassicServer
    /// How the hub calls itself in what it writes.
    var dataSource: String
    /// The service that the principal names are kept for among a person's extra attributes.
    var service: String
    /// Whether absences are looked for before they are reported.
    var looksForAbsences: Bool
    var batchSize: Int
    var parallelCalls: Int
}

extension ClassicTargetSettings {
    /// Reads the settings of Edlevo's classic services as a target.
    ///
    /// ```yaml
    /// connector: edlevo_classic
    /// connection: …                    # as for the source
    /// datasource: KNUTPUNKT
    /// eppn_service: azure              # under which the principal names are kept; not eduroam, swamid, skolfederation
    /// look_for_absences: true          # false where the licence has no export of absences
    /// batch_size: 100
    /// parallel_calls: 4
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        self.server = ClassicServer(&reader)
        self.dataSource = reader.text("datasource", default: "KNUTPUNKT")
        self.service = reader.text("eppn_service", default: "knutpunkt")
        if ["eduroam", "swamid", "skolfederation"].contains(self.service.lowercased()) {
            reader.complain("eppn_service", "is a name that the vendor keeps for itself; choose another")
        }
        self.looksForAbsences = reader.flag("look_for_absences", default: true)
        self.batchSize = reader.count("batch_size", in: 1...10_000, default: 100)
        self.parallelCalls = reader.count("parallel_calls", in: 1...32, default: 4)
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }
}
