import Mapping
import HTTPTypes
import Hub
import SchoolRecords

extension Provider {
    /// The names of the lists of what is gone, one of them misspelt as the standard has it.
    static let deletedNames: [(entity: Entity, name: String)] = [
        (.organisation, "organisations"), (.person, "persons"), (.group, "groups"), (.duty, "duties"),
        (.placement, "placements"), (.programme, "programmes"), (.studyPlan, "studyPlans"), (.syllabus, "syllabuses"),
        (.schoolUnitOffering, "schoolUnitOfferings"), (.resource, "resources"), (.room, "rooms"), (.activity, "activitites"),
        (.calendarEvent, "calendarEvents"), (.attendanceSchedule, "attendanceSchedules"),
        (.attendanceEvent, "attendanceEvents"), (.attendance, "attendances"), (.absence, "absences"), (.grade, "grades"),
    ]

    func deletedEntities(_ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        let path = "deletedEntities"
        let paging = try self.paging(request, view, path)
        var after: String?
        var wanted: Set<Entity> = []
        let own = paging.query.pairs.filter { !ListQuery.paging.contains($0.name) }
        for (name, value) in own {
            switch name {
            case "after":
                guard after == nil else { throw APIError.twice(name) }
                guard let instant = Instant(value) else { throw APIError.noMoment(name) }
                after = instant.stored
            case "entities":
                guard let entity = Self.resource(value) else {
                    let known = Self.deletedNames.map(\.entity.standardName).joined(separator: ", ")
                    throw APIError.badRequest(
                        "bad-value", sv: "entities är något av: \(known).", en: "entities is one of: \(known).")
                }
                try view.demand(entity)
                wanted.insert(entity)
            default: throw APIError.unknownParameter(name, ["after", "entities", "limit", "pageToken"])
            }
        }
        // Without a choice, whatever the client is given.
        let lists = Self.deletedNames.filter {
            wanted.isEmpty ? view.provision.fields(of: $0.entity) != nil : wanted.contains($0.entity)
        }
        var data: [String: JSONValue] = [:]
        var rest = paging.limit
        var next: PageToken.Place?
        let start = paging.place.flatMap { place in lists.firstIndex { $0.entity.rawValue == place.entity } } ?? 0
        for (index, list) in lists.enumerated().dropFirst(start) where next == nil {
            let isResumed = paging.place?.entity == list.entity.rawValue
            let position = isResumed ? paging.place.map { ProvidedPosition(id: $0.id, time: $0.time) } : nil
            // One more than there is room for tells whether there are more.
            let deleted = try await self.store.deletedRecords(
                of: list.entity, after: after, position: position, limit: rest + 1)
            let shown = deleted.prefix(rest)
            if !shown.isEmpty { data[list.name] = .array(shown.map { .string($0.key.id) }) }
            rest -= shown.count
            if deleted.count > shown.count {
                if let last = shown.last {
                    next = PageToken.Place(id: last.key.id, time: last.time, entity: list.entity.rawValue)
                } else if index > start, let before = lists[..<index].last {
                    // Full before this list began: it is begun anew.
                    next = PageToken.Place(id: "\u{10FFFF}", time: "9999", entity: before.entity.rawValue)
                } else {
                    next = paging.place
                }
            }
        }
        return try .json(["data": .object(data), "pageToken": self.token(next, path, QueryPairs(own), paging.limit, view)])
    }

    /// An entity by its name in the standard's list of them.
    static func resource(_ name: String) -> Entity? {
        Self.deletedNames.first { $0.entity.standardName == name }?.entity
    }
}
