import Foundation

extension ClassicExport {
    /// A document with these parts in the schema's order.
    static func document(
        _ type: ClassicType, kind: String, made: String, start: String, end: String?, persons: [String], groups: [String],
        memberships: [String]
    ) -> String {
        let frame = ClassicXML.leaf("start", start) + ClassicXML.leaf("end", end)
        let properties =
            ClassicXML.leaf("schooltype", type.code) + ClassicXML.leaf("datasource", "\(ClassicXML.source)_\(type.code)")
            + ClassicXML.leaf("type", kind) + ClassicXML.element("timeframe", frame) + ClassicXML.leaf("datetime", made)
        return "<enterprise xmlns=\"http://open.tieto.com/edu/organization/v12\"><properties>\(properties)</properties>"
            + persons.joined(separator: "\n") + groups.joined(separator: "\n") + memberships.joined(separator: "\n")
            + "</enterprise>"
    }

    /// The document of everything.
    func complete(made: String, start: String, unitsOnly: Bool = false, onlyUnit: String? = nil) -> String {
        var persons = self.persons
        var groups = self.groups
        var members = self.members
        if unitsOnly {
            groups = groups.filter { $0.value.kind == "Unit" }
            (persons, members) = ([:], [:])
        } else if let onlyUnit {
            groups = groups.filter { $0.key == onlyUnit || self.units[$0.key] == onlyUnit }
            members = members.filter { groups[$0.key] != nil }
            let people = Set(members.values.joined().map(\.member))
            persons = persons.filter { people.contains($0.key) }
        }
        return Self.document(
            self.schoolType, kind: "CompleteOrganization", made: made, start: start, end: nil,
            persons: persons.keys.sorted().map { "<person>\(persons[$0] ?? "")</person>" },
            groups: groups.keys.sorted().map { "<group>\(groups[$0]?.body ?? "")</group>" },
            memberships: members.keys.sorted().map { host in
                let roles = members[host] ?? []
                return Self.membership(host, isComplete: groups[host]?.kind == "ContactGroup", roles.map { ($0, nil) })
            })
    }

    static func membership(_ host: String, isComplete: Bool, _ roles: [(role: Role, status: Int?)]) -> String {
        let byMember = Dictionary(grouping: roles, by: \.role.member)
        let members = byMember.keys.sorted().map { member -> String in
            let roles = (byMember[member] ?? []).sorted { ($0.role.type, $0.role.body) < ($1.role.type, $1.role.body) }
            let texts = roles.map { role, status in
                "<role\(status.map { " recstatus=\"\($0)\"" } ?? "") roletype=\"\(role.type)\"><status>Active</status>\(role.body)</role>"
            }
            return "<member>\(ClassicXML.sourcedID(member))<idtype>\(roles[0].role.isGroup ? "Group" : "Person")</idtype>"
                + texts.joined() + "</member>"
        }
        return "<membership complete=\"\(isComplete)\">\(ClassicXML.sourcedID(host))\(members.joined())</membership>"
    }
}
