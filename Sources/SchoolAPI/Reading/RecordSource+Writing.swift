import Hub
import Mapping
import SchoolRecords

extension RecordSource {
    /// The records as the client gets them: the fields that are provided, with what it wants embedded.
    func written(_ records: [OpenRecord], _ query: ListQuery) async throws -> [JSONValue] {
        var embedded: [[(name: String, part: EmbeddedPart)]] = records.map { _ in [] }
        for expansion in query.expansions {
            let parts = try await self.parts(of: records, expansion)
            for (index, part) in parts.enumerated() {
                if let part { embedded[index].append((expansion.name, part)) }
            }
        }
        var names: [RecordKey: String] = [:]
        if query.namesReferences {
            var keys: Set<RecordKey> = []
            for record in records { keys.formUnion(self.references(in: record)) }
            for part in embedded.joined().map(\.part) {
                for record in part.records { keys.formUnion(self.references(in: record)) }
                keys.formUnion(part.references)
            }
            names = try await self.names(of: keys)
        }
        let writer = RecordWriter(provision: self.provision, names: names)
        return zip(records, embedded).map { record, embedded in
            var json = writer.written(record)
            if !query.expansions.isEmpty {
                json["_embedded"] = .object(
                    Dictionary(embedded.map { ($0.name, writer.written($0.part)) }, uniquingKeysWith: { first, _ in first }))
            }
            return json
        }
    }

    private func references(in record: OpenRecord) -> Set<RecordKey> {
        guard let fields = self.provision.fields(of: record.key.entity) else { return [] }
        return Set(
            RecordReferences.of(record.key.entity, record.json).lazy.filter { found in
                let path = found.path.split(separator: ".").map { $0.prefix { $0 != "[" } }.joined(separator: ".")
                return fields.has(path, of: record.key.entity.shape)
            }.map(\.key))
    }

    /// What other records are called, as far as the client may know.
    private func names(of keys: Set<RecordKey>) async throws -> [RecordKey: String] {
        var names: [RecordKey: String] = [:]
        for (entity, keys) in Dictionary(grouping: keys, by: \.entity) {
            let records = try await self.records(entity, Set(keys.map(\.id)))
            if entity == .duty, self.provision.may([FieldPath(.duty, "person")]) {
                let holders = Dictionary(
                    records.compactMap { id, duty in duty.json["person"]?["id"]?.stringValue.map { (id, $0) } },
                    uniquingKeysWith: { first, _ in first })
                let persons = try await self.records(.person, Set(holders.values))
                for (id, holder) in holders { names[RecordKey(.duty, id)] = persons[holder].flatMap(self.name(of:)) }
            } else {
                for record in records.values { names[record.key] = self.name(of: record) }
            }
        }
        return names
    }

    private func name(of record: OpenRecord) -> String? {
        let paths: [[String]] =
            switch record.key.entity {
            case .organisation, .group, .activity, .room, .resource: [["displayName"]]
            case .programme: [["name"]]
            case .syllabus: [["courseName"], ["subjectName"]]
            case .person: [["givenName", "familyName"]]
            default: []
            }
        for path in paths where self.provision.may(path.map { FieldPath(record.key.entity, $0) }) {
            let texts = path.compactMap { record.json[$0]?.stringValue }
            if !texts.isEmpty { return texts.joined(separator: " ") }
        }
        return nil
    }
}

/// Something that is embedded in a record.
enum EmbeddedPart: Sendable {
    case one(OpenRecord, isFragment: Bool)
    case many([OpenRecord])
    /// Groups with the dates of a membership.
    case memberships([(group: OpenRecord, membership: JSONValue)])
    /// Objects of a kind of their own, with the references in them.
    case objects([(members: [String: JSONValue], reference: String, to: RecordKey)])

    var records: [OpenRecord] {
        switch self {
        case .one(let record, _): [record]
        case .many(let records): records
        case .memberships(let groups): groups.map(\.group)
        case .objects: []
        }
    }

    var references: [RecordKey] {
        if case .objects(let objects) = self { objects.map(\.to) } else { [] }
    }
}

/// Writes records with the fields that are provided.
struct RecordWriter: Sendable {
    let provision: Provision
    /// What referred records are called; empty unless names were asked for.
    let names: [RecordKey: String]

    func written(_ record: OpenRecord, isFragment: Bool = false) -> JSONValue {
        let fields = self.provision.fields(of: record.key.entity) ?? .none
        guard case .object(var members) = self.shown(record.json, .object(record.key.entity.shape), fields) else { return .null }
        members["id"] = .string(record.key.id)
        members["meta"] = ["created": .string(record.created), "modified": .string(record.modified)]
        if isFragment { members["groupMemberships"] = nil }
        return .object(members)
    }

    func written(_ part: EmbeddedPart) -> JSONValue {
        switch part {
        case .one(let record, let isFragment): return self.written(record, isFragment: isFragment)
        case .many(let records): return .array(records.map { self.written($0) })
        case .memberships(let groups):
            return .array(
                groups.map { group, membership in
                    var object: [String: JSONValue] = ["group": self.written(group, isFragment: true)]
                    for name in ["startDate", "endDate"] { object[name] = membership[name] }
                    return .object(object)
                })
        case .objects(let objects):
            return .array(
                objects.map { members, name, key in
                    var members = members
                    members[name] = self.reference(key)
                    return .object(members)
                })
        }
    }

    private func shown(_ json: JSONValue, _ shape: FieldShape?, _ fields: ProvidedFields) -> JSONValue {
        switch shape {
        case .reference(let entity)?:
            return json["id"]?.stringValue.map { self.reference(RecordKey(entity, $0)) } ?? .null
        case .list(let element)?: return .array((json.arrayValue ?? []).map { self.shown($0, element, fields) })
        case .object(let shape)?:
            var shown: [String: JSONValue] = [:]
            for (name, value) in json.objectValue ?? [:] {
                guard let inner = fields[name], let field = shape.fields[name] else { continue }
                shown[name] = self.shown(value, field, inner)
            }
            return .object(shown)
        default: return json
        }
    }

    private func reference(_ key: RecordKey) -> JSONValue {
        var members: [String: JSONValue] = ["id": .string(key.id)]
        if let name = self.names[key] { members["displayName"] = .string(name) }
        return .object(members)
    }
}
