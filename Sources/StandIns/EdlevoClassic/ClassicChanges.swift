/// What changed between two exports, told as Edlevo documents it (Organization API v12, 9.2.1): whom it concerns comes along,
/// deletions don't cascade, contact groups come whole.
struct ClassicChanges {
    private let before: ClassicExport
    private let after: ClassicExport
    /// Persons who are no longer in the register at all.
    private let deleted: Set<String>
    private var persons: [String: Int] = [:]
    private var groups: [String: Int] = [:]
    private var roles: [String: [(role: ClassicExport.Role, status: Int?)]] = [:]
    private var completeHosts: Set<String> = []

    private struct Kind: Hashable {
        let member: String
        let type: String
    }

    init(from before: ClassicExport, to after: ClassicExport, deleted: Set<String>) {
        self.before = before
        self.after = after
        self.deleted = deleted
        self.comparePersons()
        self.compareGroups()
        for host in Set(before.members.keys).union(after.members.keys) where after.groups[host] != nil { self.compare(host) }
    }

    private mutating func comparePersons() {
        for (id, body) in self.after.persons {
            guard let old = self.before.persons[id] else {
                self.persons[id] = 1
                continue
            }
            if old != body { self.persons[id] = 2 }
        }
        for id in self.before.persons.keys where self.after.persons[id] == nil && self.deleted.contains(id) {
            self.persons[id] = 3
        }
    }

    private mutating func compareGroups() {
        for (id, group) in self.after.groups where group.kind != "ContactGroup" {
            let old = self.before.groups[id]
            if old != group { self.groups[id] = old == nil ? 1 : 2 }
        }
        for (id, group) in self.before.groups where self.after.groups[id] == nil {
            // A contact group without anybody in it; one whose child has left goes without a word.
            let isEmptied = group.kind == "ContactGroup" && self.after.persons[String(id.dropFirst(2))] != nil
            if group.kind != "ContactGroup" || isEmptied { self.groups[id] = 3 }
        }
    }

    private mutating func compare(_ host: String) {
        let before = Dictionary(grouping: self.before.members[host] ?? []) { Kind(member: $0.member, type: $0.type) }
        let after = Dictionary(grouping: self.after.members[host] ?? []) { Kind(member: $0.member, type: $0.type) }
        let isContacts = self.after.groups[host]?.kind == "ContactGroup"
        for kind in Set(before.keys).union(after.keys) where Set(before[kind] ?? []) != Set(after[kind] ?? []) {
            if isContacts {
                self.bringContacts(of: String(host.dropFirst(2)))
                continue
            }
            if let now = after[kind] {
                self.roles[host, default: []] += now.map { ($0, before[kind] == nil ? 1 : 2) }
            } else if let old = before[kind]?.first, self.isThere(old) {
                self.roles[host, default: []].append((old, 3))
            }
            if after[kind]?.first?.isGroup == false, self.persons[kind.member] == nil { self.persons[kind.member] = 2 }
            if kind.type == "Student" || kind.type == "Child" {
                if self.after.persons[kind.member] != nil, self.persons[kind.member] == nil { self.persons[kind.member] = 2 }
                self.bringContacts(of: kind.member)
            }
        }
    }

    /// Of who or what was deleted no membership is told.
    private func isThere(_ role: ClassicExport.Role) -> Bool {
        role.isGroup ? self.after.groups[role.member] != nil : !self.deleted.contains(role.member)
    }

    private mutating func bringContacts(of child: String) {
        let group = "CG\(child)"
        guard let contacts = self.after.members[group], self.completeHosts.insert(group).inserted else { return }
        self.groups[group] = self.before.groups[group] == nil ? 1 : 2
        self.roles[group] = contacts.map { ($0, nil) }
        for contact in contacts where self.persons[contact.member] == nil { self.persons[contact.member] = 2 }
        if let unit = self.after.units[group] {
            let role = self.after.members[unit]?.first { $0.member == group }
            let isThere = self.roles[unit]?.contains { $0.role.member == group } ?? false
            if let role, !isThere { self.roles[unit, default: []].append((role, 2)) }
        }
    }

    /// The document of the changes.
    func document(made: String, start: String, end: String) -> String {
        ClassicExport.document(
            self.after.schoolType, kind: "DeltaOrganization", made: made, start: start, end: end,
            persons: self.persons.keys.sorted().map { id in
                let body = self.after.persons[id] ?? self.before.persons[id] ?? ""
                return "<person recstatus=\"\(self.persons[id] ?? 2)\">\(body)</person>"
            },
            groups: self.groups.keys.sorted().map { id in
                let body = (self.after.groups[id] ?? self.before.groups[id])?.body ?? ""
                return "<group recstatus=\"\(self.groups[id] ?? 2)\">\(body)</group>"
            },
            memberships: self.roles.keys.sorted().map { host in
                ClassicExport.membership(host, isComplete: self.completeHosts.contains(host), self.roles[host] ?? [])
            })
    }
}
