public import Mapping

extension MappingSet {
    /// A system that takes part, by its name.
    ///
    /// - Throws: ``AppError`` with the known ones; for a system that is switched off, how to switch it on.
    public func system(_ name: String) throws -> SystemDescription {
        if let system = self.systems[name] { return system }
        if let system = self.inactive[name] {
            throw AppError(
                .notFound,
                sv: "\(name) är avstängt (\(system.file)). Slå på det i konfigurationen: systems.\(name).enabled: true.",
                en: "\(name) is switched off (\(system.file)). Switch it on in the configuration: systems.\(name).enabled: true.")
        }
        let known = self.systems.keys.sorted().joined(separator: ", ")
        throw AppError(
            .notFound, sv: "Det finns inget system \"\(name)\". Det finns: \(known).",
            en: "There is no system \"\(name)\". Known: \(known).")
    }
}

extension HubConfiguration {
    /// The mapping files of this configuration, with the settings of systems that it replaces, checked.
    public func loadMappings() -> MappingLoad { HubContext.load(self) }
}
