import SchoolRecords

/// Where a mapping file of an entity stands, and so for which direction it is.
///
/// `<system>/<entity>.yaml` is for the one direction that the system has; in a system of both, what it holds says for
/// which (`fields` from the system, `rows` to it). `<system>/in/<entity>.yaml` and `<system>/out/<entity>.yaml` say it by
/// their place.
struct EntityFilePlace {
    let system: String
    let entity: String
    /// `nil` when the place doesn't say.
    let direction: SystemDescription.Direction?

    /// The folders of files of one direction.
    static let folders: [String: SystemDescription.Direction] = ["in": .source, "out": .target]

    /// `nil` for a file that is no mapping of an entity.
    init?(_ path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, name.hasSuffix(".yaml"), name != "system.yaml" || parts.count == 3,
            !RoleCatalogFile.isCatalog(path), !ProvisionFile.isProvision(path)
        else { return nil }
        switch parts.count {
        case 2: self.direction = nil
        case 3:
            guard let direction = Self.folders[parts[1]] else { return nil }
            self.direction = direction
        default: return nil
        }
        self.system = parts[0]
        self.entity = String(name.dropLast(".yaml".count))
    }

    /// The direction of the file in a system; `nil`, with a diagnostic, when it fits none.
    func direction(
        in system: SystemDescription, _ root: YAMLNode, _ diagnostics: Diagnostics
    ) -> SystemDescription.Direction? {
        if let direction = self.direction {
            guard system.sides[direction] == nil else { return direction }
            diagnostics.error(
                "\(system.name) is no \(direction.rawValue), says \(system.file)", at: root.position,
                hint: direction == .source
                    ? "files in 'in' are for systems that records come from" : "files in 'out' are for systems that records go to"
            )
            return nil
        }
        guard system.sides.count > 1 else { return system.sides.keys.first }
        switch (root["fields"] != nil, root["rows"] != nil) {
        case (true, false): return .source
        case (false, true): return .target
        default:
            diagnostics.error(
                "a mapping file has either 'fields' (records from \(system.name)) or 'rows' (records to it)", at: root.position,
                hint: "for both, write in/\(self.entity).yaml and out/\(self.entity).yaml")
            return nil
        }
    }
}
