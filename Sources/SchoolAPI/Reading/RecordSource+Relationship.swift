import Hub
import SchoolRecords

extension RecordSource {
    /// The persons who have such a relation.
    func related(_ persons: [OpenRecord], _ what: Relationship) async throws -> [OpenRecord] {
        let kinds = what.kind.map { [$0] } ?? Relationship.Kind.allCases.filter { self.provision.may($0.reads(what)) }
        var open = persons
        var related: Set<String> = []
        for kind in kinds where !open.isEmpty {
            related.formUnion(try await self.related(open, what, by: kind))
            open.removeAll { related.contains($0.key.id) }
        }
        return persons.filter { related.contains($0.key.id) }
    }

    private func related(_ persons: [OpenRecord], _ what: Relationship, by kind: Relationship.Kind) async throws -> Set<String> {
        let ids = Set(persons.map(\.key.id))
        switch kind {
        case .enrolment: return Set(persons.filter { Self.isEnrolled($0, what) }.map(\.key.id))
        case .duty: return try await self.holding(.duty, "person", at: "dutyAt", ids, what)
        case .placementChild: return try await self.holding(.placement, "child", at: "placedAt", ids, what)
        case .placementOwner: return try await self.holding(.placement, "owners", at: "placedAt", ids, what)
        case .responsibleForEnrolment:
            let children = try await self.referring(.person, "responsibles.person", to: ids)
            return Set(children.filter { $0.value.contains { Self.isEnrolled($0, what) } }.keys)
        case .responsibleForPlacement:
            let children = try await self.referring(.person, "responsibles.person", to: ids)
            let placed = try await self.holding(
                .placement, "child", at: "placedAt", Set(children.values.joined().map(\.key.id)), what)
            return Set(children.filter { $0.value.contains { placed.contains($0.key.id) } }.keys)
        case .groupMembership:
            let groups = try await self.referring(.group, "groupMemberships.person", to: ids)
            return Set(
                groups.filter { id, groups in
                    groups.contains { group in
                        let organisation = group.json["organisation"]?["id"]?.stringValue
                        return (group.json["groupMemberships"]?.arrayValue ?? []).contains {
                            $0["person"]?["id"]?.stringValue == id && what.holds($0, at: organisation)
                        }
                    }
                }.keys)
        }
    }

    private static func isEnrolled(_ person: OpenRecord, _ what: Relationship) -> Bool {
        (person.json["enrolments"]?.arrayValue ?? []).contains {
            what.holds($0, at: $0["enroledAt"]?["id"]?.stringValue)
        }
    }

    /// The ids to which a record refers that holds where and when it is asked for.
    private func holding(
        _ entity: Entity, _ path: String, at organisation: String, _ ids: Set<String>, _ what: Relationship
    ) async throws -> Set<String> {
        let found = try await self.referring(entity, path, to: ids)
        return Set(
            found.filter { $0.value.contains { what.holds($0.json, at: $0.json[organisation]?["id"]?.stringValue) } }.keys)
    }
}
