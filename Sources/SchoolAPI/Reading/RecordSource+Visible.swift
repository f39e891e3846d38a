import Hub
import Mapping
import SchoolRecords

/// Which records belong to the units and forms of school that a client is limited to.
///
/// What is about nobody and belongs to no unit alone (organisations, programmes, syllabuses, offerings, rooms, resources) is seen by
/// all who may fetch it. A person belongs to a unit as its pupil, as a child with a place there, as its staff, or as the responsible
/// of such a pupil or child; what is about a person goes with the person.
extension RecordSource {
    func visible(_ entity: Entity, _ records: [OpenRecord]) async throws -> [OpenRecord] {
        guard let units = self.units, !records.isEmpty else { return records }
        switch entity {
        case .organisation, .programme, .syllabus, .schoolUnitOffering, .room, .resource: return records
        case .group: return records.filter { self.isOf(units, $0.json, "organisation", "schoolType") }
        case .placement: return records.filter { self.isOf(units, $0.json, "placedAt", "schoolType") }
        case .duty: return records.filter { self.isOf(units, $0.json, "dutyAt", nil) }
        case .activity: return records.filter { self.isOf(units, $0.json, "organisation", nil) }
        case .person:
            let visible = try await self.visiblePersons(records, units)
            return records.filter { visible.contains($0.key.id) }
        case .calendarEvent: return try await self.visible(records, as: "activity", .activity)
        case .attendanceSchedule: return try await self.visible(records, as: "placement", .placement)
        case .studyPlan, .attendance, .absence, .aggregatedAttendance, .grade:
            return try await self.visible(records, as: "student", .person)
        case .attendanceEvent: return try await self.visible(records, as: "person", .person)
        default: return []
        }
    }

    private func isOf(_ units: Set<String>, _ json: JSONValue, _ unit: String, _ type: String?) -> Bool {
        guard let id = json[unit]?["id"]?.stringValue, units.contains(id) else { return false }
        guard let type, !self.provision.schoolTypes.isEmpty else { return true }
        return json[type]?.stringValue.map(self.provision.schoolTypes.contains) ?? false
    }

    /// Those whose record behind a reference is visible.
    private func visible(_ records: [OpenRecord], as path: String, _ entity: Entity) async throws -> [OpenRecord] {
        let ids = Set(records.compactMap { $0.json[path]?["id"]?.stringValue })
        let others = try await self.visible(entity, Array(try await self.anybodys(entity, ids).values))
        let visible = Set(others.map(\.key.id))
        return records.filter { $0.json[path]?["id"]?.stringValue.map(visible.contains) ?? false }
    }

    private func visiblePersons(_ persons: [OpenRecord], _ units: Set<String>) async throws -> Set<String> {
        var visible = Set(persons.filter { self.isPupil($0, units) }.map(\.key.id))
        var open = Set(persons.map(\.key.id)).subtracting(visible)
        for (entity, path) in [(Entity.placement, "child"), (.placement, "owners"), (.duty, "person")] where !open.isEmpty {
            let found = try await self.unlimited(entity, path, open)
            for (id, records) in found where try await !self.visible(entity, records).isEmpty { visible.insert(id) }
            open.subtract(visible)
        }
        guard !open.isEmpty else { return visible }
        let children = try await self.unlimited(.person, "responsibles.person", open)
        let all = children.values.joined()
        var seen = Set(all.filter { self.isPupil($0, units) }.map(\.key.id))
        let places = try await self.unlimited(.placement, "child", Set(all.map(\.key.id)).subtracting(seen))
        for (id, records) in places where try await !self.visible(.placement, records).isEmpty { seen.insert(id) }
        for (id, children) in children where children.contains(where: { seen.contains($0.key.id) }) { visible.insert(id) }
        return visible
    }

    private func isPupil(_ person: OpenRecord, _ units: Set<String>) -> Bool {
        (person.json["enrolments"]?.arrayValue ?? []).contains { self.isOf(units, $0, "enroledAt", "schoolType") }
    }

    /// Records that refer to some, whoever may see them: for finding out who may.
    private func unlimited(_ entity: Entity, _ path: String, _ ids: Set<String>) async throws -> [String: [OpenRecord]] {
        let terms = Dictionary(uniqueKeysWithValues: ids.map { (RecordTerms.reference(path, $0), $0) })
        let found = try await self.store.identities(of: entity, terms: Set(terms.keys), limit: Self.mostIdentities)
        let records = try await self.anybodys(entity, Set(found.values.joined()))
        var referring: [String: [OpenRecord]] = [:]
        for (term, id) in terms { referring[id] = (found[term] ?? []).compactMap { records[$0] } }
        return referring
    }
}
