import Foundation
import SchoolRecords

/// Rows by table and key: all that the mapping gives, or what of it can be shipped together. Pure.
struct SDSRows: Sendable, Hashable, Codable {
    /// Table → key → column → value.
    var tables: [String: [String: [String: String]]] = [:]

    subscript(_ table: SDSTable) -> [String: [String: String]] {
        get { self.tables[table.rawValue] ?? [:] }
        set { self.tables[table.rawValue] = newValue }
    }

    /// What hangs together: each row whose others are there too, and which rows were left out by which rule.
    ///
    /// Whatever is left out takes with it what refers to it, so that the set is whole by itself.
    func whole() -> (rows: SDSRows, leftOut: [SDSTable: [SDSRule: Int]]) {
        var whole = self
        var leftOut: [SDSTable: [SDSRule: Int]] = [:]
        func sift(_ table: SDSTable, _ rule: SDSRule, where isBroken: ([String: String]) -> Bool) {
            let before = whole[table]
            let kept = before.filter { !isBroken($0.value) }
            guard kept.count < before.count else { return }
            whole[table] = kept
            leftOut[table, default: [:]][rule, default: 0] += before.count - kept.count
        }
        func ids(_ table: SDSTable) -> Set<String> { Set(whole[table].values.compactMap { $0["sourcedId"] }) }

        let circles = Self.inCircles(whole[.orgs])
        sift(.orgs, .orgCycle) { circles.contains($0["sourcedId"] ?? "") }
        var count = -1
        while count != whole[.orgs].count {
            count = whole[.orgs].count
            let orgs = ids(.orgs)
            sift(.orgs, .parent) { $0["parentSourcedId"].map { !orgs.contains($0) } ?? false }
        }
        let orgs = ids(.orgs)

        let names = Dictionary(grouping: whole[.users].values.compactMap { $0["username"]?.lowercased() }) { $0 }
        sift(.users, .twoOfOneName) { $0["username"].map { (names[$0.lowercased()]?.count ?? 0) > 1 } ?? false }

        // A guardian is there for the child's sake, and needs an address; everybody else is there by a role, and needs a name to log in by.
        let users = whole[.users].values.reduce(into: [String: [String: String]]()) { $0[$1["sourcedId"] ?? ""] = $1 }
        sift(.roles, .roleWithoutUser) { users[$0["userSourcedId"] ?? ""]?["username"] == nil }
        sift(.roles, .roleWithoutOrg) { !orgs.contains($0["orgSourcedId"] ?? "") }
        let inRoles = Set(whole[.roles].values.compactMap { $0["userSourcedId"] })
        sift(.relationships, .relationshipWithoutUser) {
            users[$0["relationshipUserSourcedId"] ?? ""] == nil || !inRoles.contains($0["userSourcedId"] ?? "")
        }
        sift(.relationships, .guardianWithoutMail) { users[$0["relationshipUserSourcedId"] ?? ""]?["email"] == nil }
        let guardians = Set(whole[.relationships].values.compactMap { $0["relationshipUserSourcedId"] })
        sift(.users, .userWithoutRole) { user in
            let id = user["sourcedId"] ?? ""
            return !inRoles.contains(id) && !guardians.contains(id)
        }

        sift(.classes, .classWithoutOrg) { !orgs.contains($0["orgSourcedId"] ?? "") }
        let classes = ids(.classes)
        sift(.enrollments, .enrollmentWithoutClass) { !classes.contains($0["classSourcedId"] ?? "") }
        sift(.enrollments, .enrollmentWithoutUser) { !inRoles.contains($0["userSourcedId"] ?? "") }
        return (whole, leftOut)
    }

    /// Organisations that are above themselves.
    private static func inCircles(_ orgs: [String: [String: String]]) -> Set<String> {
        let parents = orgs.values.reduce(into: [String: String]()) { $0[$1["sourcedId"] ?? ""] = $1["parentSourcedId"] }
        return Set(
            parents.keys.filter { start in
                var seen: Set<String> = []
                var next = parents[start]
                while let id = next, seen.insert(id).inserted {
                    if id == start { return true }
                    next = parents[id]
                }
                return false
            })
    }
}
