import SchoolRecords

/// The organisation of one school type on a day, as the parts of an IMS Enterprise document (Organization API v12).
struct ClassicExport: Sendable {
    struct Role: Sendable, Hashable {
        let member: String
        let isGroup: Bool
        let type: String
        /// What stands in the role after its status.
        let body: String
    }

    struct Group: Sendable, Hashable {
        let kind: String
        let body: String
    }

    /// Person → what stands in the element.
    private(set) var persons: [String: String] = [:]
    private(set) var groups: [String: Group] = [:]
    /// Group → roles.
    private(set) var members: [String: [Role]] = [:]
    /// The unit of a contact group.
    private(set) var units: [String: String] = [:]

    let schoolType: ClassicType
    private let content: ClassicContent
    private let day: String
    /// An element that no schema knows, everywhere; empty otherwise.
    private let more: String

    init(_ type: ClassicType, _ content: ClassicContent, on day: String, addsUnknown: Bool = false) {
        self.schoolType = type
        self.content = content
        self.day = day
        self.more = addsUnknown ? "<x-framtid>1</x-framtid>" : ""
        self.fill()
    }

    private mutating func fill() {
        var roles: [String: Set<String>] = [:]
        for (id, unit) in self.content.organisations
        where unit["organisationType"] == "Skola" && Self.has(unit["schoolTypes"], self.schoolType.standard) {
            self.groups[id] = Group(kind: "Unit", body: self.unit(id, unit))
        }
        for (id, group) in self.content.groups {
            guard group["schoolType"]?.stringValue == self.schoolType.standard, ClassicContent.isValid(group, on: self.day),
                let unit = group["organisation"]?["id"]?.stringValue, self.groups[unit]?.kind == "Unit",
                let kind = Self.kinds[group["groupType"]?.stringValue ?? ""]
            else { continue }
            self.groups[id] = Group(kind: kind, body: self.group(id, kind, group))
            self.units[id] = unit
            self.add(Role(member: id, isGroup: true, type: kind, body: self.role(self.content.created(group))), to: unit)
            self.addPupils(id, kind, group, unit, &roles)
        }
        self.addStaff(&roles)
        for (person, kinds) in roles { self.addPerson(person, kinds) }
    }

    private static let kinds = [
        "Klass": "Class", "Undervisning": "EducationGroup", "Avdelning": "Department", "Övrigt": "OtherGroup",
        "Mentor": "MentorGroup", "Schema": "ScheduleGroup",
    ]

    private static func has(_ list: JSONValue?, _ text: String) -> Bool { list?.arrayValue?.contains(.string(text)) ?? false }

    private mutating func add(_ role: Role, to host: String) { self.members[host, default: []].append(role) }

    // MARK: Groups

    private func unit(_ id: String, _ unit: JSONValue) -> String {
        let address = unit["address"]
        let types = ClassicType.all.filter { Self.has(unit["schoolTypes"], $0.standard) }.map {
            ClassicXML.leaf("schooltype", $0.code)
        }
        let fields = [
            ClassicXML.leaf("governedby", "Municipal"),
            ClassicXML.leaf("municipalitycode", unit["municipalityCode"]?.stringValue),
            ClassicXML.leaf("phone", unit["phoneNumber"]?.stringValue),
            ClassicXML.leaf("pcode", address?["postalCode"]?.stringValue),
            ClassicXML.leaf("street", address?["streetAddress"]?.stringValue),
            ClassicXML.leaf("locality", address?["locality"]?.stringValue), ClassicXML.leaf("web", unit["url"]?.stringValue),
            types.joined(), ClassicXML.leaf("timestamp", self.content.modified(unit)),
            ClassicXML.leaf("email", unit["email"]?.stringValue),
            ClassicXML.leaf("officialunitname", unit["displayName"]?.stringValue),
        ]
        return self.groupBody(id, "Unit", unit, extensions: fields.joined())
    }

    private func group(_ id: String, _ kind: String, _ group: JSONValue) -> String {
        let name = group["displayName"]?.stringValue ?? ""
        let year = kind == "Class" ? name.prefix { $0.isNumber } : ""
        return self.groupBody(
            id, kind, group,
            extensions: ClassicXML.leaf("schoolyear", year.isEmpty ? nil : String(year))
                + ClassicXML.leaf("timestamp", self.content.modified(group)))
    }

    private func groupBody(_ id: String, _ kind: String, _ document: JSONValue, extensions: String) -> String {
        let frame =
            ClassicXML.leaf("begin", document["startDate"]?.stringValue)
            + ClassicXML.leaf("end", document["endDate"]?.stringValue)
        return ClassicXML.sourcedID(id) + "<grouptype><typevalue level=\"1\">\(kind)</typevalue></grouptype>"
            + ClassicXML.element("description", ClassicXML.leaf("short", document["displayName"]?.stringValue ?? "-"))
            + ClassicXML.element("timeframe", frame) + ClassicXML.element("extension", extensions) + self.more
    }

    // MARK: Roles

    private func role(_ timestamp: String, begin: String? = nil, end: String? = nil, extensions: String = "") -> String {
        ClassicXML.element("timeframe", ClassicXML.leaf("begin", begin) + ClassicXML.leaf("end", end))
            + ClassicXML.element("extension", extensions + ClassicXML.leaf("timestamp", timestamp)) + self.more
    }

    private mutating func addPupils(
        _ id: String, _ kind: String, _ group: JSONValue, _ unit: String, _ roles: inout [String: Set<String>]
    ) {
        if kind == "Department" {
            for placement in self.content.placements.values {
                guard placement["group"]?["id"]?.stringValue == id, ClassicContent.isValid(placement, on: self.day),
                    let child = placement["child"]?["id"]?.stringValue, self.content.persons[child] != nil
                else { continue }
                let body = self.role(
                    self.content.modified(placement), begin: placement["startDate"]?.stringValue,
                    end: placement["endDate"]?.stringValue)
                self.add(Role(member: child, isGroup: false, type: "Child", body: body), to: id)
                roles[child, default: []].insert("Child")
                self.units[child] = unit
            }
            return
        }
        for membership in group["groupMemberships"]?.arrayValue ?? [] {
            guard ClassicContent.isValid(membership, on: self.day), let pupil = membership["person"]?["id"]?.stringValue,
                let person = self.content.persons[pupil]
            else { continue }
            let begin = membership["startDate"]?.stringValue
            let end = membership["endDate"]?.stringValue
            let placement = kind == "Class" ? self.placement(person, group, begin: begin, end: end) : ""
            let body = self.role(self.content.created(group), begin: begin, end: end, extensions: placement)
            self.add(Role(member: pupil, isGroup: false, type: "Student", body: body), to: id)
            roles[pupil, default: []].insert("Student")
            self.units[pupil] = unit
        }
    }

    private func placement(_ person: JSONValue, _ group: JSONValue, begin: String?, end: String?) -> String {
        let enrolments = person["enrolments"]?.arrayValue ?? []
        guard
            let enrolment = enrolments.first(where: {
                ClassicContent.isValid($0, on: self.day) && $0["schoolType"]?.stringValue == self.schoolType.standard
            })
        else { return "" }
        let unit = enrolment["enroledAt"]?["id"]?.stringValue.flatMap { self.content.organisations[$0] }
        let code = enrolment["educationCode"]?.stringValue
        return ClassicXML.element(
            "placement",
            ClassicXML.leaf("schoolyear", enrolment["schoolYear"]?.integerValue.map { String($0) })
                + ClassicXML.leaf("schoolunitcode", unit?["schoolUnitCode"]?.stringValue)
                + ClassicXML.leaf("programcode", code) + ClassicXML.leaf("officialprogramcode", code)
                + ClassicXML.leaf("begin", begin ?? group["startDate"]?.stringValue)
                + ClassicXML.leaf("end", end ?? group["endDate"]?.stringValue ?? ClassicXML.noEnd)
                + ClassicXML.leaf("timestamp", String(self.content.created(group).prefix(10))) + self.more)
    }

    private mutating func addStaff(_ roles: inout [String: Set<String>]) {
        for duty in self.content.duties.values {
            guard ClassicContent.isValid(duty, on: self.day), let unit = duty["dutyAt"]?["id"]?.stringValue,
                self.groups[unit]?.kind == "Unit", let person = duty["person"]?["id"]?.stringValue,
                self.content.persons[person] != nil
            else { continue }
            roles[person, default: []].insert("Staff")
            let begin = duty["startDate"]?.stringValue
            let end = duty["endDate"]?.stringValue
            let time = self.content.modified(duty)
            let role = duty["dutyRole"]?.stringValue ?? ""
            let type = ["Rektor": "Principal", "Skoladministratör": "Administrator"][role] ?? "Instructor"
            let extensions = type == "Principal" ? self.responsibilities(unit, begin, end, time) : ""
            self.add(
                Role(
                    member: person, isGroup: false, type: type,
                    body: self.role(time, begin: begin, end: end, extensions: extensions)), to: unit)
            for task in duty["assignmentRole"]?.arrayValue ?? [] {
                guard let group = task["group"]?["id"]?.stringValue, self.units[group] == unit, self.groups[group] != nil,
                    ClassicContent.isValid(task, on: self.day)
                else { continue }
                let name = task["assignmentRoleType"]?.stringValue ?? ""
                let kind = ["Mentor": "Mentor", "Administrativ personal": "Administrator"][name] ?? "Instructor"
                let (from, to) = (task["startDate"]?.stringValue, task["endDate"]?.stringValue)
                let mentor =
                    kind == "Mentor"
                    ? ClassicXML.element(
                        "mentor",
                        ClassicXML.leaf("begin", from ?? "2000-01-01") + ClassicXML.leaf("end", to ?? ClassicXML.noEnd)
                            + ClassicXML.leaf("timestamp", time)) : ""
                self.add(
                    Role(
                        member: person, isGroup: false, type: kind,
                        body: self.role(time, begin: from, end: to, extensions: mentor)), to: group)
            }
        }
    }

    private func responsibilities(_ unit: String, _ begin: String?, _ end: String?, _ time: String) -> String {
        self.content.organisations.values.filter {
            $0["parentOrganisation"]?["id"]?.stringValue == unit && $0["schoolUnitCode"] != nil
                && Self.has($0["schoolTypes"], self.schoolType.standard)
        }.sorted { ($0["id"]?.stringValue ?? "") < ($1["id"]?.stringValue ?? "") }.map { school in
            ClassicXML.element(
                "responsibility",
                ClassicXML.leaf("schoolunitcode", school["schoolUnitCode"]?.stringValue)
                    + ClassicXML.leaf("schoolunitname", school["displayName"]?.stringValue)
                    + ClassicXML.leaf("begin", begin ?? "2000-01-01") + ClassicXML.leaf("end", end ?? ClassicXML.noEnd)
                    + ClassicXML.leaf("timestamp", time) + self.more)
        }.joined()
    }

    // MARK: Persons

    private mutating func addPerson(_ id: String, _ kinds: Set<String>) {
        guard let person = self.content.persons[id] else { return }
        self.persons[id] = ClassicPersonText.of(id, person, kinds, modified: self.content.modified(person), more: self.more)
        guard kinds.contains("Student") || kinds.contains("Child") else { return }
        let time = self.content.modified(person)
        var contacts: [Role] = []
        for responsible in person["responsibles"]?.arrayValue ?? [] {
            guard let contact = responsible["person"]?["id"]?.stringValue, let document = self.content.persons[contact] else {
                continue
            }
            let type = responsible["relationType"] == "Vårdnadshavare" ? "Guardian" : "OtherResponsible"
            contacts.append(Role(member: contact, isGroup: false, type: type, body: self.role(time)))
            if self.persons[contact] == nil {
                self.persons[contact] = ClassicPersonText.of(
                    contact, document, ["Contact"], modified: self.content.modified(document), more: self.more)
            }
        }
        guard !contacts.isEmpty, let unit = self.units[id] else { return }
        let group = "CG\(id)"
        self.groups[group] = Group(
            kind: "ContactGroup",
            body: ClassicXML.sourcedID(group) + "<grouptype><typevalue level=\"1\">ContactGroup</typevalue></grouptype>"
                + "<description><short>Kontaktgrupp</short></description>")
        self.units[group] = unit
        self.members[group] = contacts
        self.add(Role(member: group, isGroup: true, type: "ContactGroup", body: ""), to: unit)
    }
}
