public import SchoolRecords

/// All mappings, checked and compiled. A value: what is loaded stays as it is, whatever happens to the files.
public struct MappingSet: Sendable {
    /// Changes when any file does; the same files have the same version anywhere.
    public let version: String
    /// The systems that take part, by name.
    public let systems: [String: SystemDescription]
    /// The systems that are switched off (`enabled: false`): checked, and their examples run, and nothing else.
    public let inactive: [String: SystemDescription]
    let inbound: [String: [Entity: InboundMapping]]
    let outbound: [String: [Entity: OutboundMapping]]
    let authorities: [Entity: String]
    /// The flows in use, by their names.
    public let flows: [String: FlowDescription]
    let examples: [Example]
    /// A hash of each file, by its path.
    let hashes: [String: String]
    /// The systems' roles and the title codes, which a role policy is written in.
    public let roleVocabulary: RoleVocabulary
    /// Who gets which role where; `nil` without `roles.yaml`.
    public let roles: RolePolicy?

    /// What is decided about the rules of source quality, as it is written; `nil` without `quality.yaml`.
    public let quality: MappingFile?

    /// What systems may fetch over SS 12000, by their names: `<system>/provide.yaml`.
    public let provisions: [String: Provision]

    /// What systems may be given of protected persons: nothing, without `privacy.yaml`.
    public let privacy: PrivacyPolicy

    /// Where the rules of source quality are decided about.
    public static let qualityPath = "quality.yaml"

    /// The names of the systems that records come from, in their order.
    public var sourceNames: [String] { self.systems.values.filter { $0.source != nil }.map(\.name).sorted() }

    /// How a source's records of an entity become normalised ones; `nil` when they are not taken.
    public func inbound(system: String, entity: Entity) -> InboundMapping? { self.inbound[system]?[entity] }

    /// How normalised records of an entity become rows of a system; `nil` when the system doesn't get them.
    public func outbound(system: String, entity: Entity) -> OutboundMapping? { self.outbound[system]?[entity] }

    /// The entities taken from a system, in load order.
    public func inboundEntities(system: String) -> [Entity] { self.entities(self.inbound, system, .source) }

    /// The entities given to a system, in load order.
    public func outboundEntities(system: String) -> [Entity] { self.entities(self.outbound, system, .target) }

    /// A direction that is switched off in a system that takes part has no entities.
    private func entities<Value>(
        _ mappings: [String: [Entity: Value]], _ system: String, _ direction: SystemDescription.Direction
    ) -> [Entity] {
        if let description = self.systems[system], description.side(direction) == nil { return [] }
        return (mappings[system] ?? [:]).keys.sorted()
    }

    /// The system whose word counts for an entity, as `authority.yaml` says.
    public func authority(for entity: Entity) -> String? { self.authorities[entity] }

    /// What goes into the examples, with the file that each is an example of.
    public var exampleInputs: [(file: String, input: JSONValue)] { self.examples.map { ($0.position.file, $0.input) } }

    /// Runs every example of every file, in the order of files and lines.
    public func runExamples() -> [ExampleResult] { self.examples.map { $0.run(in: self) } }

    /// Changes when what a source's records of an entity are made by does: its mapping file, or any code table.
    public func inboundVersion(system: String, entity: Entity) -> String {
        self.version(of: [self.inbound[system]?[entity]?.file].compactMap { $0 })
    }

    /// Changes when what a receiving system's rows are made by does: its mapping files, or any code table.
    public func outboundVersion(system: String) -> String {
        self.version(of: (self.outbound[system] ?? [:]).values.map(\.file))
    }

    private func version(of files: [String]) -> String {
        var hash = ContentHash()
        for (path, content) in self.hashes.sorted(by: { $0.key < $1.key }) where files.contains(path) || path.hasPrefix("codes/")
        {
            hash.add(path)
            hash.add(content)
        }
        return hash.text
    }

    /// The files of sources that other mappings have otherwise, in the order of their paths.
    public func changedSourceFiles(_ other: MappingSet) -> [String] {
        let rows = Set([self, other].flatMap(\.outbound.values).flatMap(\.values).map(\.file))
        return Set(self.hashes.keys).union(other.hashes.keys).filter { path in
            guard self.hashes[path] != other.hashes[path], !rows.contains(path), !ProvisionFile.isProvision(path) else {
                return false
            }
            let system = path.prefix { $0 != "/" }
            let description = self.systems[String(system)] ?? other.systems[String(system)]
            return description?.source != nil
        }.sorted()
    }
}

extension MappingSet {
    /// The entities that a system could give, also while it or this direction of it is switched off, in load order.
    public func allInbound(_ system: String) -> [Entity] { (self.inbound[system] ?? [:]).keys.sorted() }

    /// The entities that a system could be given, also while it or this direction of it is switched off, in load order.
    public func allOutbound(_ system: String) -> [Entity] { (self.outbound[system] ?? [:]).keys.sorted() }
}
