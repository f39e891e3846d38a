import SchoolRecords

/// The words in which the endpoints are written down.
extension Filter {
    static func id(_ name: String, _ entity: Entity, _ path: String, list: Bool = false) -> Filter {
        Filter(name: name, form: .id, isList: list, rule: .value(path), reads: [FieldPath(entity, path)])
    }

    static func text(_ name: String, _ entity: Entity, _ path: String, list: Bool = false) -> Filter {
        Filter(name: name, form: .text, isList: list, rule: .value(path), reads: [FieldPath(entity, path)])
    }

    static func code(_ name: String, _ entity: Entity, _ path: String, _ codes: [String], list: Bool = true) -> Filter {
        Filter(name: name, form: .code(codes), isList: list, rule: .value(path), reads: [FieldPath(entity, path)])
    }

    static func unit(_ name: String, _ entity: Entity, _ path: String) -> Filter {
        Filter(name: name, form: .id, rule: .unit(path), reads: [FieldPath(entity, path)])
    }

    static func way(_ name: String, _ way: Way, list: Bool = false, _ reads: [FieldPath]) -> Filter {
        Filter(name: name, form: .id, isList: list, rule: .way(way), reads: reads)
    }

    /// `startDate.onOrBefore`, `startDate.onOrAfter` and so on.
    static func bounds(_ entity: Entity, _ fields: String..., form: Form = .date, required: Set<String> = []) -> [Filter] {
        fields.flatMap { field in
            [("onOrBefore", Side.onOrBefore), ("onOrAfter", Side.onOrAfter)].map { suffix, side in
                Filter(
                    name: "\(field).\(suffix)", form: form, isRequired: required.contains(field), rule: .bound(field, side),
                    reads: [FieldPath(entity, field)])
            }
        }
    }

    static func dates(_ entity: Entity) -> [Filter] { Self.bounds(entity, "startDate", "endDate") }
}

extension SortKey {
    static let modified = SortKey(paths: nil, isDescending: true)

    static func by(_ paths: String..., descending: Bool = false) -> SortKey { SortKey(paths: paths, isDescending: descending) }

    /// `<Name>Asc` and `<Name>Desc` of fields.
    static func both(_ names: [String: String]) -> [String: SortKey] {
        var keys: [String: SortKey] = [:]
        for (name, path) in names {
            keys["\(name)Asc"] = SortKey(paths: [path], isDescending: false)
            keys["\(name)Desc"] = SortKey(paths: [path], isDescending: true)
        }
        return keys
    }
}

extension Expansion {
    /// The record that a reference of the entity points to.
    static func referred(
        _ name: String, _ entity: Entity, _ path: String, to other: Entity, list: Bool = false, fragment: Bool = false
    ) -> Expansion {
        Expansion(
            name: name, way: .referred(path: path, to: other, isList: list), isFragment: fragment,
            reads: [FieldPath(entity, path)])
    }

    /// The records of another entity that point to this one.
    static func referring(_ name: String, _ other: Entity, _ path: String) -> Expansion {
        Expansion(name: name, way: .referring(other, path: path), reads: [FieldPath(other, path)])
    }
}

extension LookupKey {
    static func value(_ names: [String], _ entity: Entity, _ path: String, isID: Bool = true) -> LookupKey {
        LookupKey(names: names, isID: isID, rule: .value(path), reads: [FieldPath(entity, path)])
    }
}
