import SchoolRecords

/// Reads `authority.yaml`: which system is master of which entity.
struct AuthorityFile {
    let diagnostics: Diagnostics

    func load(_ files: [MappingFile], _ systems: [String: SystemDescription], _ flows: [String: FlowDescription]) -> [Entity:
        String]
    {
        guard let file = files.first(where: { $0.path == "authority.yaml" }),
            let root = YAMLReader.read(file, self.diagnostics)
        else { return [:] }
        self.diagnostics.checkKeys(of: root, allowed: ["entities"], in: "authority.yaml")
        guard let pairs = root["entities"]?.pairs else {
            self.diagnostics.error("'entities' is missing: a mapping of entities to systems", at: root.position)
            return [:]
        }
        var authorities: [Entity: String] = [:]
        let sources = systems.values.filter { $0.sides[.source] != nil }.map(\.name) + flows.keys + [RoleGrant.source]
        for (key, value) in pairs {
            guard let name = key.text, let entity = Entity(rawValue: name) else {
                self.diagnostics.unknown("entity", key.text ?? "", at: key.position, known: Entity.allCases.map(\.rawValue))
                continue
            }
            guard let system = value.text, sources.contains(system) else {
                self.diagnostics.unknown("source system", value.text ?? "", at: value.textPosition, known: sources)
                continue
            }
            authorities[entity] = system
        }
        return authorities
    }
}
