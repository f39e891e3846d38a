import SchoolRecords

/// Places, and what staff do.
extension ClassicRecords {
    // MARK: Placements and duties

    func placement(_ id: String) -> JSONValue? {
        guard let role = self.places[id] else { return nil }
        var document = role.member.json
        document["id"] = .string(id)
        document["child"] = self.reference(role.member.id)
        document["group"] = self.reference(role.host)
        document["unit"] = self.reference(self.unit(of: role.host))
        document["schooltype"] = .string(role.type.rawValue)
        document["meta"] = self.meta([role.member.modified])
        return document
    }

    /// What somebody does in the groups of a unit, as tasks of a duty there.
    func assignments(of person: String, at unit: String?, _ times: inout [WallClock?]) -> [JSONValue] {
        var assignments: [JSONValue] = []
        for role in self.roles[person] ?? []
        where Self.staffRoles.contains(role.member.role) && self.groupTypes[role.host] != "Unit"
            && (unit == nil || self.unit(of: role.host) == unit)
        {
            times.append(role.member.modified)
            var json = role.member.json
            json["id"] = nil
            json["group"] = self.reference(role.host)
            json["grouptype"] = self.groupTypes[role.host].map(JSONValue.string)
            if !assignments.contains(json) { assignments.append(json) }
        }
        return assignments.sorted { $0.canonicalData.lexicographicallyPrecedes($1.canonicalData) }
    }

    func duty(_ id: String) -> JSONValue? {
        guard let holder = self.dutyHolders[id] else { return nil }
        var times: [WallClock?] = []
        var document: JSONValue = [
            "id": .string(id), "person": ["id": .string(holder.person)], "unit": ["id": .string(holder.unit)],
        ]
        let assignments = self.assignments(of: holder.person, at: holder.unit, &times)
        if !assignments.isEmpty { document["assignments"] = .array(assignments) }
        var roles: [JSONValue] = []
        for role in self.roles[holder.person] ?? [] where role.host == holder.unit && Self.staffRoles.contains(role.member.role) {
            times.append(role.member.modified)
            var json = role.member.json
            json["id"] = nil
            json["schooltype"] = .string(role.type.rawValue)
            roles.append(json)
        }
        if !roles.isEmpty {
            document["roles"] = .array(roles.sorted { $0.canonicalData.lexicographicallyPrecedes($1.canonicalData) })
        }
        let known: Set<String> = ["begin", "end", "roletype", "extension", "group", "grouptype", "schooltype", "id"]
        for part in roles + assignments {
            for (name, value) in part.objectValue ?? [:] where !known.contains(name) { document[name] = value }
        }
        let all = roles + assignments
        document["begin"] = all.compactMap { $0["begin"]?.stringValue }.min().map(JSONValue.string)
        let ends = all.map { $0["end"]?.stringValue }
        document["end"] = ends.contains(nil) ? nil : ends.compactMap(\.self).max().map(JSONValue.string)
        document["meta"] = self.meta(times)
        return document
    }

    func employment(_ id: String) -> JSONValue? {
        guard let employments, let placement = employments.placements[id] else { return nil }
        var times: [WallClock?] = [placement.modified]
        var document = placement.json
        document["id"] = .string(id)
        document["person"] = self.reference(placement.person)
        document["unit"] = self.reference(placement.place.map { self.unit(of: $0) ?? $0 })
        // What is done in a unit where somebody has no employment stands at the first that they have.
        let own = employments.placements(of: placement.person)
        let units = own.map { $0.place.map { self.unit(of: $0) ?? $0 } }
        let unit = placement.place.map { self.unit(of: $0) ?? $0 }
        let isFirstHere = own.first { $0.place.map { self.unit(of: $0) ?? $0 } == unit }?.id == id
        var assignments = isFirstHere ? self.assignments(of: placement.person, at: unit, &times) : []
        if own.first?.id == id {
            let elsewhere = Set((self.roles[placement.person] ?? []).compactMap { self.unit(of: $0.host) })
                .subtracting(units.compactMap(\.self))
            for other in elsewhere.sorted() { assignments += self.assignments(of: placement.person, at: other, &times) }
        }
        if !assignments.isEmpty { document["assignments"] = .array(assignments) }
        document["meta"] = self.meta(times)
        return document
    }
}
