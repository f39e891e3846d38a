public import SchoolRecords

/// Reads all files together.
struct MappingLoader {
    private let files: [MappingFile]
    private let diagnostics: Diagnostics
    private let adjust: (String, JSONValue) -> JSONValue

    init(
        _ files: [MappingFile], _ diagnostics: Diagnostics,
        adjust: @escaping (String, JSONValue) -> JSONValue = { _, settings in settings }
    ) {
        self.adjust = adjust
        self.files = files.sorted { $0.path < $1.path }
        self.diagnostics = diagnostics
    }

    func load() -> MappingLoad {
        var tables: [String: CodeTable] = [:]
        for file in self.files where file.path.hasPrefix("codes/") && file.path.hasSuffix(".csv") {
            if let table = CodeTable(file, self.diagnostics) { tables[table.name] = table }
        }
        let systems = SystemFileLoader(diagnostics: self.diagnostics, adjust: self.adjust).load(self.files)
        let vocabulary = self.roleVocabulary(tables["title_code"])
        let policy = self.files.first { $0.path == RolesFile.path }
            .flatMap { RolesFile(vocabulary: vocabulary, diagnostics: self.diagnostics).load($0) }
        let flows = FlowsFile(diagnostics: self.diagnostics).load(self.files, systems)
        var inbound: [String: [Entity: InboundMapping]] = [:]
        var outbound: [String: [Entity: OutboundMapping]] = [:]
        var examples: [Example] = []
        let allForms = Set(systems.values.flatMap { self.temporaryForms($0) })
        for file in self.files {
            guard let place = EntityFilePlace(file.path) else { continue }
            guard let entity = Entity(rawValue: place.entity) else {
                self.diagnostics.error(
                    "the file is named after no entity", at: Position(file: file.path, line: 1, column: 1),
                    hint: "entities: \(Entity.allCases.map(\.rawValue).joined(separator: ", "))")
                continue
            }
            guard let system = systems[place.system] else {
                if !self.files.contains(where: { $0.path == "\(place.system)/system.yaml" }) {
                    self.diagnostics.error(
                        "there is no \(place.system)/system.yaml", at: Position(file: file.path, line: 1, column: 1))
                }
                continue
            }
            guard let root = YAMLReader.read(file, self.diagnostics) else { continue }
            guard root.pairs != nil else {
                self.diagnostics.error("a mapping file is a mapping, not \(root.kindName)", at: root.position)
                continue
            }
            guard let direction = place.direction(in: system, root, self.diagnostics), let side = system.sides[direction] else {
                continue
            }
            let earlier =
                direction == .source ? inbound[system.name]?[entity]?.file : outbound[system.name]?[entity]?.file
            if let earlier {
                self.diagnostics.error(
                    "\(earlier) has the mapping of \(entity.rawValue) in this direction already", at: root.position)
                continue
            }
            // What a source calls temporary is set for that source; a target gets what any of them does.
            let forms = direction == .source ? Set(self.temporaryForms(system)) : allForms
            // The hub's own numbers go out; none is ever read.
            let isWritten = direction == .target
            let loader = EntityFileLoader(
                system: system, direction: direction, side: side, entity: entity, file: file.path, tables: tables,
                rules: IdentityNumberRules(
                    temporaryForms: forms.isEmpty ? IdentityNumberRules.standardTemporaryForms : forms.sorted(),
                    allowsFictitious: isWritten),
                sources: Set(systems.values.filter { $0.sides[.source] != nil }.map(\.name)).union(flows.keys)
                    .union(entity == .roleGrant ? [RoleGrant.source] : []),
                diagnostics: self.diagnostics)
            let (mapping, found) = loader.load(root)
            examples += found
            switch mapping {
            case .inbound(let mapping): inbound[system.name, default: [:]][entity] = mapping
            case .outbound(let mapping): outbound[system.name, default: [:]][entity] = mapping
            case nil: break
            }
        }
        self.reportStrangers()
        let authorities = AuthorityFile(diagnostics: self.diagnostics).load(self.files, systems, flows)
        for table in tables.values where !table.isUsed {
            self.diagnostics.warning("no mapping uses the table", at: Position(file: table.file, line: 1, column: 1))
        }
        let quality = self.files.first { $0.path == MappingSet.qualityPath }
        if let root = quality.flatMap({ YAMLReader.read($0, self.diagnostics) }), root.pairs == nil {
            self.diagnostics.error("quality.yaml is a mapping, not \(root.kindName)", at: root.position)
        }
        let set = MappingSet(
            version: self.version, systems: systems.filter { $0.value.isEnabled },
            inactive: systems.filter { !$0.value.isEnabled }, inbound: inbound, outbound: outbound, authorities: authorities,
            flows: flows, examples: examples, hashes: self.hashes, roleVocabulary: vocabulary, roles: policy,
            quality: quality, provisions: ProvisionFile(diagnostics: self.diagnostics).load(self.files),
            privacy: PrivacyFile(diagnostics: self.diagnostics).load(self.files, systems, outbound))
        return Self.result(set, self.diagnostics)
    }

    private static let topFiles = ["authority.yaml", "flows.yaml", RolesFile.path, MappingSet.qualityPath, PrivacyFile.path]

    /// What roles.yaml is written in.
    private func roleVocabulary(_ titles: CodeTable?) -> RoleVocabulary {
        let catalogs = RoleCatalogFile(diagnostics: self.diagnostics).load(self.files)
        let codes = titles?.codes(find: "title_code", give: "duty_role", self.diagnostics) ?? [:]
        if !catalogs.isEmpty { titles?.isUsed = true }
        var hash = ContentHash()
        for file in self.files where RoleCatalogFile.isCatalog(file.path) || file.path == titles?.file {
            hash.add(file.path)
            hash.add(file.text)
        }
        return RoleVocabulary(catalogs: catalogs, titleCodes: codes.mapValues(\.text), version: hash.text)
    }

    /// Files that look like mappings and that nothing reads: most often a name with a slip in it.
    private func reportStrangers() {
        for file in self.files {
            let position = Position(file: file.path, line: 1, column: 1)
            if file.path.hasSuffix(".yml") {
                self.diagnostics.warning("the file isn't read", at: position, hint: "name it .yaml")
            } else if file.path.hasSuffix(".yaml"), !file.path.contains("/"), !Self.topFiles.contains(file.path) {
                let nearest = Diagnostics.nearest(to: file.path, in: Self.topFiles)
                self.diagnostics.warning(
                    "the file isn't read", at: position, hint: nearest.map { "did you mean '\($0)'?" })
            }
        }
    }

    static func result(_ set: MappingSet, _ diagnostics: Diagnostics) -> MappingLoad {
        MappingLoad(
            set: diagnostics.hasErrors ? nil : set, quality: set.quality,
            diagnostics: diagnostics.all.sorted {
                ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message)
            })
    }

    private var hashes: [String: String] {
        Dictionary(
            self.files.map { file in
                var hash = ContentHash()
                hash.add(file.text)
                return (file.path, hash.text)
            }, uniquingKeysWith: { _, last in last })
    }

    private var version: String {
        var hash = ContentHash()
        for file in self.files {
            hash.add(file.path)
            hash.add(file.text)
        }
        return hash.text
    }

    private func temporaryForms(_ system: SystemDescription) -> [String] {
        let settings = system.sides[.source]?.settings ?? system.settings
        return (settings["identity_numbers"]?["temporary"]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}

extension MappingSet {
    /// Reads and checks mapping files. All that is wrong is told at once.
    ///
    /// - Parameter adjust: a system's settings as they hold, given its name and what its `system.yaml` says.
    public static func load(
        _ files: [MappingFile], adjust: @escaping (String, JSONValue) -> JSONValue = { _, settings in settings }
    ) -> MappingLoad {
        MappingLoader(files, Diagnostics(), adjust: adjust).load()
    }
}
