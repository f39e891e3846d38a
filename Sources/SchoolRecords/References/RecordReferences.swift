/// The other records that a record points to.
public enum RecordReferences {
    /// One reference: where it stands, e.g. `groupMemberships[3].person`, and what it points to.
    public struct Found: Sendable, Hashable {
        public let path: String
        public let key: RecordKey
    }

    /// Every reference in a normalised record, in the order of the fields' names.
    public static func of(_ entity: Entity, _ json: JSONValue) -> [Found] {
        var found: [Found] = []
        for place in Self.places(of: entity) { Self.collect(json, place.path[...], "", place.entity, &found) }
        return found
    }

    /// The entities that records of an entity may refer to.
    public static func entities(of entity: Entity) -> Set<Entity> { Set(Self.places(of: entity).map(\.entity)) }

    /// The record with other ids in its references. A reference that is given another id keeps nothing but the id:
    /// the displayed name and the marking belonged to the one before.
    ///
    /// - Parameter replacement: the new id for a record, or `nil` to leave the reference as it is.
    public static func replacing(
        _ json: JSONValue, entity: Entity, with replacement: (RecordKey) -> String?
    ) -> JSONValue {
        var result = json
        for place in Self.places(of: entity) { result = Self.replace(result, place.path[...], place.entity, replacement) }
        return result
    }

    private struct Place {
        let path: [String]
        let entity: Entity
    }

    private static func places(of entity: Entity) -> [Place] { Self.allPlaces[entity] ?? [] }

    private static let allPlaces = Dictionary(
        uniqueKeysWithValues: Entity.allCases.map { ($0, Self.find(in: $0.shape)) })

    private static func find(in shape: RecordShape) -> [Place] {
        shape.fields.sorted { $0.key < $1.key }.flatMap { name, field in Self.find(in: field, at: [name]) }
    }

    private static func find(in field: FieldShape, at path: [String]) -> [Place] {
        switch field {
        case .reference(let entity): [Place(path: path, entity: entity)]
        case .list(let element): Self.find(in: element, at: path)
        case .object(let shape):
            shape.fields.sorted { $0.key < $1.key }.flatMap { name, inner in Self.find(in: inner, at: path + [name]) }
        default: []
        }
    }

    private static func collect(
        _ json: JSONValue, _ path: ArraySlice<String>, _ place: String, _ entity: Entity, _ found: inout [Found]
    ) {
        if case .array(let elements) = json {
            for (index, element) in elements.enumerated() {
                Self.collect(element, path, "\(place)[\(index)]", entity, &found)
            }
        } else if let name = path.first {
            guard let inner = json[name] else { return }
            Self.collect(inner, path.dropFirst(), place.isEmpty ? name : "\(place).\(name)", entity, &found)
        } else if let id = json["id"]?.stringValue {
            found.append(Found(path: place, key: RecordKey(entity, id)))
        }
    }

    private static func replace(
        _ json: JSONValue, _ path: ArraySlice<String>, _ entity: Entity, _ replacement: (RecordKey) -> String?
    ) -> JSONValue {
        if case .array(let elements) = json {
            return .array(elements.map { Self.replace($0, path, entity, replacement) })
        }
        if let name = path.first {
            guard case .object(var members) = json, let inner = members[name] else { return json }
            members[name] = Self.replace(inner, path.dropFirst(), entity, replacement)
            return .object(members)
        }
        guard let id = json["id"]?.stringValue, let other = replacement(RecordKey(entity, id)) else { return json }
        return ["id": .string(other)]
    }
}
