import ConnectorKit
import Foundation
import SchoolRecords

/// What an organisation's documents come to: persons, groups, and who is what in which group (IMS Enterprise 1.1 as
/// Edlevo's Organization API v12 has it). Pure.
///
/// Complete documents are taken one after the other; documents of changes on top of them. Ids are in their one form: GUIDs in
/// lower case, without braces.
struct IMSOrganization: Sendable {
    /// An element that can't be used.
    struct Broken: Sendable, Hashable {
        let entity: Entity
        let code: ConnectorFailure.Code
        let words: String
    }

    private(set) var persons: [String: IMSObject] = [:]
    private(set) var groups: [String: IMSObject] = [:]
    /// Group → the roles in it.
    private(set) var members: [String: [IMSMember]] = [:]
    private(set) var broken: [Broken] = []

    /// Of Edlevo's form of IMS Enterprise.
    static let nameSpace = "http://open.tieto.com/edu/organization/v12"

    /// Elements that may come more than once, by the schema.
    static let lists: Set<String> = [
        "activity", "altadr", "contactperson", "child", "course", "email2", "grouptype", "institutionrole", "mentor",
        "nativelanguage", "notes", "partname", "period", "placement", "proposedunitplacement", "responsibility", "schooltype",
        "sourcedid", "street", "tel", "typevalue", "userid",
    ]

    /// The id of a child's contact group: `CG{…}`.
    static func contactGroup(of person: String) -> String { "CG\(person)" }

    /// The child of a contact group.
    static func child(ofContactGroup id: String) -> String { String(id.dropFirst(2)) }

    // MARK: Documents

    /// Reads a document of everything and takes what is in it.
    ///
    /// - Throws: ``XMLProblem``; nothing of the document counts then.
    mutating func takeComplete(_ data: Data, schoolType: String) throws(XMLProblem) -> IMSProperties {
        let document = try IMSDocument(data, type: "CompleteOrganization", schoolType: schoolType)
        for element in document.elements { self.take(element, isChange: false) }
        return document.properties
    }

    /// Reads a document of changes and takes what is in it.
    ///
    /// - Returns: the ids that it names, and whether it may take something away.
    /// - Throws: ``XMLProblem``; nothing of the document counts then.
    mutating func takeChanges(
        _ data: Data, schoolType: String
    ) throws(XMLProblem) -> (ids: Set<String>, takesAway: Bool) {
        let document = try IMSDocument(data, type: "DeltaOrganization", schoolType: schoolType)
        let before = self
        for element in document.elements { self.take(element, isChange: true) }
        self.dropThoseWhoLeft(since: before, document)
        return (document.ids, document.takesAway)
    }

    // MARK: Elements

    private mutating func take(_ element: IMSDocument.Element, isChange: Bool) {
        switch element {
        case .person(let id, .deleted, _): self.remove(person: id)
        case .person(let id, _, let object):
            self.persons[id] = isChange ? object.keeping(rolesOf: self.persons[id]) : object
        case .group(let id, .deleted, _): self.remove(group: id)
        case .group(let id, _, let object): self.groups[id] = object
        case .membership(let host, let isComplete, let roles):
            var held = isComplete && isChange ? [] : self.members[host] ?? []
            for (member, added, removed) in roles {
                let touched = Set(added.map(\.role)).union(removed)
                // An element has all roles of a kind that the member has in the group; in a document of everything others of
                // the same group may come later.
                held.removeAll { $0.id == member && (isChange ? touched.contains($0.role) : added.contains($0)) }
                held += added
            }
            self.members[host] = held.isEmpty ? nil : held
        case .broken(let broken): self.broken.append(broken)
        }
    }

    /// Memberships of who or what is deleted aren't told: they vanish here.
    private mutating func remove(person: String) {
        self.persons[person] = nil
        self.remove(group: Self.contactGroup(of: person))
        self.removeMemberships(of: person)
    }

    private mutating func remove(group: String) {
        self.groups[group] = nil
        self.members[group] = nil
        self.removeMemberships(of: group)
    }

    private mutating func removeMemberships(of id: String) {
        for (host, roles) in self.members where roles.contains(where: { $0.id == id }) {
            let rest = roles.filter { $0.id != id }
            self.members[host] = rest.isEmpty ? nil : rest
        }
    }

    /// Persons whose last role a document took away no longer belong to the organisation; nor do the contacts of theirs whom
    /// nobody else has. A document of everything wouldn't have them.
    private mutating func dropThoseWhoLeft(since before: IMSOrganization, _ document: IMSDocument) {
        guard document.takesAway else { return }
        let had = before.peopleWithRoles
        var left = had.subtracting(self.peopleWithRoles)
        while !left.isEmpty {
            for person in left { self.remove(person: person) }
            // Their contact groups went with them: those in them may have no role left.
            left = had.intersection(self.persons.keys).subtracting(self.peopleWithRoles)
        }
    }

    /// Everybody with a role in a group.
    private var peopleWithRoles: Set<String> {
        self.members.values.reduce(into: []) { people, roles in
            for role in roles where !role.isGroup { people.insert(role.id) }
        }
    }
}
