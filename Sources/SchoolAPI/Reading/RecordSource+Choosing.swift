import Hub
import SchoolRecords

extension RecordSource {
    /// What a list's records are held against: goes the ways by other records that its parameters ask for.
    func choosing(_ query: ListQuery) async throws -> Choosing {
        var choosing = Choosing(query.endpoint.entity)
        choosing.choice.createdAfter = query.meta["meta.created.after"]
        choosing.choice.createdBefore = query.meta["meta.created.before"]
        choosing.choice.modifiedAfter = query.meta["meta.modified.after"]
        choosing.choice.modifiedBefore = query.meta["meta.modified.before"]
        choosing.relationship = query.relationship
        var identifier: (value: String?, context: String?) = (nil, nil)
        for (filter, values) in query.chosen {
            if case .identifier(let part) = filter.rule {
                if part == "value" { identifier.value = values.first } else { identifier.context = values.first }
            } else {
                choosing.add(
                    try await self.condition(filter.rule, query.endpoint.entity, values, isMoment: filter.form == .moment),
                    key: self.key)
            }
        }
        if identifier != (nil, nil) {
            choosing.add(.identifier(value: identifier.value, context: identifier.context), key: self.key)
        }
        self.addDays(&choosing)
        if case .enrolment? = query.relationship?.kind, let organisation = query.relationship?.organisation {
            choosing.choice.terms.append([RecordTerms.reference("enrolments.enroledAt", organisation)])
        }
        return choosing
    }

    func condition(
        _ rule: Filter.Rule, _ entity: Entity, _ values: [String], isMoment: Bool = false
    ) async throws -> Condition {
        switch rule {
        case .value(let path): return .any([(Self.valuePath(path, entity), Set(values))])
        case .unit(let path):
            return .any([(Self.valuePath(path, entity), try await self.organisations(below: Set(values)))])
        case .bound(let path, let side): return .bound(path: path, side, values.first ?? "", isMoment: isMoment)
        case .names: return .names(values.map { $0.lowercased() })
        case .way(let way): return try await self.condition(way, Set(values))
        case .relationship, .identifier: return .names([])
        }
    }

    /// Where the text stands that a path leads to: in a reference its id.
    private static func valuePath(_ path: String, _ entity: Entity) -> String {
        var shape: FieldShape? = .object(entity.shape)
        for name in path.split(separator: ".") {
            while case .list(let element)? = shape { shape = element }
            shape = shape?.fields?.fields[String(name)]
        }
        while case .list(let element)? = shape { shape = element }
        if case .reference? = shape { return path + ".id" }
        return path
    }

    private func condition(_ way: Filter.Way, _ ids: Set<String>) async throws -> Condition {
        switch way {
        case .groupMember: return .any([("groups.id", try await self.groups(of: ids))])
        case .teacher: return .any([("teachers.duty.id", ids)])
        case .activityOfGroup: return .any([("activity.id", try await self.seen(.activity, "groups", ids))])
        case .activityOfOrganisation, .studentAggregate:
            let units = way == .studentAggregate ? ids : try await self.organisations(below: ids)
            return .any([("activity.id", try await self.seen(.activity, "organisation", units))])
        case .activityOfStudent:
            let activities = try await self.seen(.activity, "groups", try await self.groups(of: ids))
            return .any([("activity.id", activities), ("studentExceptions.student.id", ids)])
        case .activityOfTeacher:
            return .any([
                ("activity.id", try await self.seen(.activity, "teachers.duty", ids)), ("teacherExceptions.duty.id", ids),
            ])
        case .eventOfOrganisation:
            let activities = try await self.seen(.activity, "organisation", try await self.organisations(below: ids))
            return .any([("calendarEvent.id", try await self.seen(.calendarEvent, "activity", activities))])
        case .organisationOfActivity:
            return .any([("calendarEvent.id", try await self.seen(.calendarEvent, "activity", ids))])
        case .placementOfGroup: return .any([("placement.id", try await self.seen(.placement, "group", ids))])
        case .schoolTypeOfActivity:
            var groups: Set<String> = []
            var position: ProvidedPosition?
            repeat {
                let page = try await self.store.provided(
                    ProvidedChoice(.group), order: .identity, after: position, limit: 500)
                let open = page.records.compactMap(self.withholding.open)
                    .filter { $0.json["schoolType"]?.stringValue.map(ids.contains) ?? false }
                groups.formUnion(try await self.visible(.group, open).map(\.key.id))
                position = page.next
            } while position != nil
            return .any([("activity.id", try await self.seen(.activity, "groups", groups))])
        }
    }

    private func groups(of persons: Set<String>) async throws -> Set<String> {
        try await self.seen(.group, "groupMemberships.person", persons.filter { !self.withholding.isWithheld(person: $0) })
    }

    /// The ids of records that refer to some, as far as the client may see them.
    private func seen(_ entity: Entity, _ path: String, _ ids: Set<String>) async throws -> Set<String> {
        let found = try await self.identities(of: entity, path, ids)
        guard self.units != nil else { return found }
        return Set(try await self.records(entity, found).keys)
    }

    /// Lessons and absences between two moments are found by their days.
    private func addDays(_ choosing: inout Choosing) {
        guard let field = RecordTerms.days[choosing.choice.entity] else { return }
        var from: Int?
        var to: Int?
        for case .bound(path: field, let side, let text, isMoment: true) in choosing.conditions {
            if side == .onOrAfter { from = Int(text) } else { to = Int(text) }
        }
        guard let from, let to else { return }
        guard from <= to else {
            choosing.isEmpty = true
            return
        }
        let days = (RecordTerms.day(from)...RecordTerms.day(to))
        guard days.count <= 100 else { return }
        choosing.choice.terms.append(Set(days.map { RecordTerms.day(field, $0) }))
    }
}
