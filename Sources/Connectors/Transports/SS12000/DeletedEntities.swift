import SchoolRecords

/// What `deletedEntities` answers: ids by kind. The standard's names are plural with slips of the pen; singular and
/// lower-case forms are taken too.
enum DeletedEntities {
    /// The names that the parameter `entities` takes (EndPointsEnum).
    static func parameter(_ entity: Entity) -> String { entity.standardName }

    /// The ids of the kinds that are read; kinds that nobody asked for are passed over.
    ///
    /// - Returns: the keys, and how many elements were no usable id.
    static func keys(in data: JSONValue, of entities: [Entity]) -> (keys: [RecordKey], unusable: Int) {
        var keys: [RecordKey] = []
        var unusable = 0
        let lists = data.objectValue ?? [:]
        for entity in entities {
            let names = Self.names(of: entity)
            for (name, list) in lists.sorted(by: { $0.key < $1.key }) where names.contains(name.lowercased()) {
                for element in list.arrayValue ?? [] {
                    if let id = ElementReading.usable(element) ?? ElementReading.id(element) {
                        keys.append(RecordKey(entity, id))
                    } else {
                        unusable += 1
                    }
                }
            }
        }
        return (keys, unusable)
    }

    private static func names(of entity: Entity) -> Set<String> {
        let name = entity.rawValue
        // The standard writes `activitites`.
        return [name, name + "s", name + "es", name.dropLast() + "ies", name.dropLast(3) + "itites"]
    }
}
