import Hub
import SchoolRecords

extension RecordSource {
    /// What is embedded in each of some records, in their order; `nil` for one that has nothing to embed.
    func parts(of records: [OpenRecord], _ expansion: Expansion) async throws -> [EmbeddedPart?] {
        let ids = Set(records.map(\.key.id))
        switch expansion.way {
        case .referred(let path, let entity, let isList):
            func referred(_ record: OpenRecord) -> [String] { record.json.texts(at: "\(path).id".split(separator: ".")[...]) }
            let others = try await self.records(entity, Set(records.flatMap(referred)))
            return records.map { record in
                let found = referred(record).compactMap { others[$0] }
                return isList ? .many(found) : found.first.map { .one($0, isFragment: expansion.isFragment) }
            }
        case .referring(let entity, let path):
            let others = try await self.referring(entity, path, to: ids)
            return records.map { .many(others[$0.key.id] ?? []) }
        case .responsibleFor:
            let children = try await self.referring(.person, "responsibles.person", to: ids)
            return records.map { record in
                .objects(
                    (children[record.key.id] ?? []).flatMap { child in
                        Self.elements(of: child, "responsibles", "person", record.key.id).map { responsible in
                            (Self.members(responsible, ["relationType"]), "person", child.key)
                        }
                    })
            }
        case .groupMemberships:
            let groups = try await self.referring(.group, "groupMemberships.person", to: ids)
            return records.map { record in
                .memberships(
                    (groups[record.key.id] ?? []).flatMap { group in
                        Self.elements(of: group, "groupMemberships", "person", record.key.id).map { (group, $0) }
                    })
            }
        case .assignmentRoles:
            let duties = try await self.referring(.duty, "assignmentRole.group", to: ids)
            return records.map { record in
                .objects(
                    (duties[record.key.id] ?? []).flatMap { duty in
                        Self.elements(of: duty, "assignmentRole", "group", record.key.id).map { role in
                            (Self.members(role, ["assignmentRoleType", "startDate", "endDate"]), "duty", duty.key)
                        }
                    })
            }
        }
    }

    /// The elements of a list that refer to a record.
    private static func elements(of record: OpenRecord, _ list: String, _ reference: String, _ id: String) -> [JSONValue] {
        (record.json[list]?.arrayValue ?? []).filter { $0[reference]?["id"]?.stringValue == id }
    }

    private static func members(_ json: JSONValue, _ names: [String]) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for name in names { members[name] = json[name] }
        return members
    }
}
