import Foundation
import SchoolRecords

/// How each record's document is put together.
extension ClassicRecords {
    func reference(_ id: String?) -> JSONValue? { id.map { ["id": .string($0)] } }

    private func texts(_ types: some Collection<ClassicSchoolType>) -> JSONValue {
        .array(types.sorted().map { .string($0.rawValue) })
    }

    // MARK: Organisations

    func organisation(_ id: String) -> JSONValue? {
        if let unit = self.schoolUnits[id] {
            var document = unit.more
            document["id"] = .string(id)
            document["type"] = "SchoolUnit"
            document["schoolunitcode"] = .string(unit.code)
            document["schoolunitname"] = unit.name.map(JSONValue.string)
            document["unit"] = self.reference(unit.unit)
            document["schooltypes"] = self.texts(unit.types)
            document["meta"] = self.meta([unit.modified])
            return .object(document)
        }
        let objects = self.objects(id) { $0.groups }
        guard let latest = objects.last else { return nil }
        var document = latest.object.json
        document["grouptype"] = nil
        document["id"] = .string(id)
        document["type"] = "Unit"
        document["schooltypes"] = self.texts(Set(objects.map(\.type)))
        document["meta"] = self.meta(objects.map(\.object.modified))
        return document
    }

    // MARK: Persons

    func person(_ id: String) -> JSONValue? {
        let objects = self.objects(id) { $0.persons }
        guard let latest = objects.last else { return self.employments?.person(id, made: self.made) }
        var document = latest.object.json
        var times = objects.map(\.object.modified)
        var institutionRoles: [JSONValue] = []
        for object in objects {
            for role in object.object.json["institutionrole"]?.arrayValue ?? [] where !institutionRoles.contains(role) {
                institutionRoles.append(role)
            }
        }
        if !institutionRoles.isEmpty {
            document["institutionrole"] = .array(
                institutionRoles.sorted { $0.canonicalData.lexicographicallyPrecedes($1.canonicalData) })
        }
        document["id"] = .string(id)
        document["securityMarking"] = Self.marking(objects.map { $0.object.json["extension"]?["privacy"] })
        let emails = Self.emails(document)
        if !emails.isEmpty { document["emails"] = .array(emails) }
        let addresses = Self.addresses(document)
        if !addresses.isEmpty { document["addresses"] = .array(addresses) }
        let contacts = self.contacts(of: id, &times)
        if !contacts.isEmpty { document["contacts"] = .array(contacts) }
        let placements = self.schoolPlacements(of: id, &times)
        if !placements.isEmpty { document["placements"] = .array(placements) }
        document["meta"] = self.meta(times)
        return document
    }

    /// The mark that the hub's vault goes by; of several the strongest. What can't be read is a mark.
    ///
    /// Levels: 1 the address is protected, 2 the national registration is, 3 both (Organization API v12, 4.2.2).
    static func marking(_ privacies: [JSONValue?]) -> JSONValue {
        var marking = SecurityMarking.none
        for privacy in privacies {
            guard let privacy, !privacy.isNull else { continue }
            let text = (privacy["value"] ?? privacy).stringValue?.lowercased() ?? ""
            let level = privacy["level"]?.stringValue ?? ""
            if ["false", "0"].contains(text), ["", "0"].contains(level) { continue }
            if ["2", "3"].contains(level) { return SecurityMarking.protectedRegistration.json }
            marking = .secrecyMark
        }
        return marking.json
    }

    /// The addresses of mail as a list, with what the person is, since the school's address is one for all.
    private static func emails(_ document: JSONValue) -> [JSONValue] {
        let roles = (document["institutionrole"]?.arrayValue ?? []).compactMap { $0["institutionroletype"]?.stringValue }
        let role = ["Student", "Child", "Staff", "Contact"].first { roles.contains($0) }
        return ["emailhome", "emailworkschool", "emailworkschool2"].compactMap { kind in
            guard let value = document[kind] else { return nil }
            var mail: JSONValue = ["kind": .string(kind), "value": value]
            mail["role"] = role.map(JSONValue.string)
            return mail
        }
    }

    /// The registered address and another one as a list.
    private static func addresses(_ document: JSONValue) -> [JSONValue] {
        var addresses: [JSONValue] = []
        if var home = document["adr"] {
            home["kind"] = "adr"
            home["municipalitycode"] = document["extension"]?["municipalitycode"]
            addresses.append(home)
        }
        for var other in document["extension"]?["altadr"]?.arrayValue ?? [] {
            other["kind"] = "altadr"
            addresses.append(other)
        }
        return addresses
    }

    /// Guardians and others of the child's contact group.
    private func contacts(of id: String, _ times: inout [WallClock?]) -> [JSONValue] {
        var contacts: [String: IMSMember] = [:]
        for type in self.types {
            for member in self.organizations[type]?.members[IMSOrganization.contactGroup(of: id)] ?? [] {
                let key = "\(member.id) \(member.role)"
                if (contacts[key]?.modified?.seconds ?? .min) < (member.modified?.seconds ?? 0) { contacts[key] = member }
            }
        }
        times += contacts.values.map(\.modified)
        return contacts.keys.sorted().compactMap { contacts[$0]?.json }
    }

    /// Where a pupil is placed according to the classes.
    private func schoolPlacements(of id: String, _ times: inout [WallClock?]) -> [JSONValue] {
        var placements: [JSONValue] = []
        for role in self.roles[id] ?? [] where role.member.role == "Student" && self.groupTypes[role.host] == "Class" {
            times.append(role.member.modified)
            let json = role.member.json
            var parts = json["extension"]?["placement"]?.arrayValue ?? []
            if parts.isEmpty {
                var part: JSONValue = [:]
                part["begin"] = json["begin"]
                part["end"] = json["end"]
                parts = [part]
            }
            for part in parts {
                var part = part
                part["timestamp"] = nil
                part["schooltype"] = .string(role.type.rawValue)
                part["group"] = self.reference(role.host)
                let unit = self.unit(of: role.host)
                part["unit"] = self.reference(unit)
                part["schoolunit"] = self.reference(ClassicSchoolUnit.Code(part).map { self.schoolUnitID($0.code) } ?? unit)
                placements.append(part)
            }
        }
        return placements.sorted { $0.canonicalData.lexicographicallyPrecedes($1.canonicalData) }
    }

    // MARK: Groups

    func group(_ id: String) -> JSONValue? {
        let objects = self.objects(id) { $0.groups }
        guard let latest = objects.last else { return nil }
        var document = latest.object.json
        document["grouptype"] = nil
        document["id"] = .string(id)
        document["type"] = .string(latest.object.type)
        document["schooltype"] = .string((objects.map(\.type).min() ?? latest.type).rawValue)
        document["unit"] = self.reference(self.unit(of: id))
        document["parent"] = self.reference(self.parents[id])
        var times = objects.map(\.object.modified)
        var members: [JSONValue] = []
        var begins: [String] = []
        for type in self.types {
            for member in self.organizations[type]?.members[id] ?? [] where !member.isGroup {
                times.append(member.modified)
                if let begin = member.begin { begins.append(begin) }
                if !members.contains(member.json) { members.append(member.json) }
            }
        }
        if !members.isEmpty {
            document["members"] = .array(members.sorted { $0.canonicalData.lexicographicallyPrecedes($1.canonicalData) })
        }
        // Mentor groups have no dates of their own.
        document["begin"] = document["timeframe"]?["begin"] ?? begins.min().map(JSONValue.string)
        document["end"] = document["timeframe"]?["end"]
        document["meta"] = self.meta(times)
        return document
    }
}
