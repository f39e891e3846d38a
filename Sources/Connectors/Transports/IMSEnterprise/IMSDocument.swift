import ConnectorKit
import Foundation
import SchoolRecords

/// One IMS Enterprise document, taken apart. Its parts must stand in the order of the schema: properties, persons, groups,
/// memberships.
struct IMSDocument {
    enum Change: Sendable, Hashable { case set, deleted }

    enum Element {
        case person(String, Change, IMSObject)
        case group(String, Change, IMSObject)
        /// The group, whether these are all its members, and for each member the roles set and the kinds of role taken away.
        case membership(String, Bool, [(member: String, set: [IMSMember], removed: Set<String>)])
        case broken(IMSOrganization.Broken)
    }

    private(set) var properties = IMSProperties(XMLTree("properties"))
    private(set) var elements: [Element] = []
    /// Every id that stands in it.
    private(set) var ids: Set<String> = []
    /// Whether something in it may take a role away.
    private(set) var takesAway = false

    /// - Parameters:
    ///   - type: what its properties must say that it is.
    ///   - schoolType: of which school type it must be.
    init(_ data: Data, type: String, schoolType: String) throws(XMLProblem) {
        let order = ["comments": 0, "properties": 1, "person": 2, "group": 3, "membership": 4, "teacherorganization": 5]
        var last = 0
        var hasProperties = false
        var document = self
        try XMLDocument.read(data, root: "enterprise", nameSpace: IMSOrganization.nameSpace) { tree throws(XMLProblem) in
            // What no schema knows may stand anywhere.
            guard let place = order[tree.name] else { return }
            guard place >= last, place <= 1 || hasProperties else { throw .wrongShape }
            last = place
            switch tree.name {
            case "properties":
                hasProperties = true
                document.properties = IMSProperties(tree)
                let isRight =
                    document.properties.type?.lowercased() == type.lowercased()
                    && document.properties.schoolType?.lowercased() == schoolType.lowercased()
                guard isRight else { throw .anotherDocument }
            case "person": document.take(person: tree)
            case "group": document.take(group: tree)
            case "membership": document.take(membership: tree)
            default: break
            }
        }
        guard hasProperties else { throw .wrongShape }
        self = document
    }

    private static func id(_ tree: XMLTree) -> String? {
        guard let text = tree["sourcedid"]?.value("id") else { return nil }
        if text.uppercased().hasPrefix("CG") { return "CG" + RecordKey.normalID(String(text.dropFirst(2))) }
        return ElementReading.usable(.string(text))
    }

    private static func change(_ tree: XMLTree) -> Change { tree.attributes["recstatus"] == "3" ? .deleted : .set }

    private mutating func tell(_ entity: Entity, _ words: String) {
        self.elements.append(.broken(.init(entity: entity, code: .recordWithoutID, words: words)))
    }

    private mutating func take(person tree: XMLTree) {
        guard let id = Self.id(tree) else { return self.tell(.person, "a person has no usable sourcedid") }
        self.ids.insert(id)
        if Self.change(tree) == .deleted { self.takesAway = true }
        self.elements.append(.person(id, Self.change(tree), IMSObject(tree)))
    }

    private mutating func take(group tree: XMLTree) {
        guard let id = Self.id(tree) else { return self.tell(.group, "a group has no usable sourcedid") }
        self.ids.insert(id)
        if Self.change(tree) == .deleted { self.takesAway = true }
        let type = tree.all("grouptype").compactMap { $0.value("typevalue") }.first ?? ""
        self.elements.append(.group(id, Self.change(tree), IMSObject(tree, type: type)))
    }

    private mutating func take(membership tree: XMLTree) {
        guard let host = Self.id(tree) else { return self.tell(.group, "a membership names no group") }
        self.ids.insert(host)
        let isComplete = ["true", "1"].contains(tree.attributes["complete"]?.lowercased())
        if isComplete { self.takesAway = true }
        var roles: [(member: String, set: [IMSMember], removed: Set<String>)] = []
        for member in tree.all("member") {
            guard let id = Self.id(member) else {
                self.tell(.group, "a membership names no member")
                continue
            }
            self.ids.insert(id)
            let isGroup = member.value("idtype")?.lowercased() == "group"
            var set: [IMSMember] = []
            var removed: Set<String> = []
            for role in member.all("role") {
                if Self.change(role) == .deleted {
                    removed.insert(role.attributes["roletype"] ?? "01")
                    self.takesAway = true
                } else {
                    set.append(IMSMember(id: id, isGroup: isGroup, role))
                }
            }
            roles.append((id, set, removed))
        }
        self.elements.append(.membership(host, isComplete, roles))
    }
}
