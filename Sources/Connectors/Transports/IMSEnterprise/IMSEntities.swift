import Foundation
import SchoolRecords

/// A person or group as it stands in an IMS Enterprise document: kept as bytes, since a municipality has many.
struct IMSObject: Sendable, Hashable {
    /// The element as canonical JSON.
    let bytes: [UInt8]
    /// `Unit`, `Class`, `ContactGroup`, …; empty for a person.
    let type: String
    /// When it was last changed; `nil` where the document doesn't say.
    let modified: WallClock?

    init(_ tree: XMLTree, type: String = "") {
        var json = JSONValue(tree, lists: IMSOrganization.lists)
        json["recstatus"] = nil
        json["sourcedid"] = nil
        self.bytes = Array(json.canonicalData)
        self.type = type
        self.modified = tree.value("extension", "timestamp").flatMap { WallClock($0) }
    }

    var json: JSONValue { (try? JSONValue(parsing: Data(self.bytes))) ?? [:] }

    /// The same without its institution roles, where an update leaves them out (Organization API v12, 9.2).
    func keeping(rolesOf before: IMSObject?) -> IMSObject {
        guard let before, self.json["institutionrole"] == nil, let roles = before.json["institutionrole"] else { return self }
        var json = self.json
        json["institutionrole"] = roles
        return IMSObject(bytes: Array(json.canonicalData), type: self.type, modified: self.modified)
    }

    private init(bytes: [UInt8], type: String, modified: WallClock?) {
        self.bytes = bytes
        self.type = type
        self.modified = modified
    }
}

/// One role of one member in a group.
struct IMSMember: Sendable, Hashable {
    let id: String
    let isGroup: Bool
    /// `Student`, `Mentor`, `Class`, …
    let role: String
    let begin: String?
    let end: String?
    let modified: WallClock?
    /// The role element as canonical JSON.
    let bytes: [UInt8]

    init(id: String, isGroup: Bool, _ tree: XMLTree) {
        self.id = id
        self.isGroup = isGroup
        self.role = tree.attributes["roletype"] ?? "01"
        self.begin = tree.value("timeframe", "begin").map { String($0.prefix(10)) }
        let end = tree.value("timeframe", "end").map { String($0.prefix(10)) }
        self.end = end == "9999-12-31" ? nil : end
        let parts = ["activity", "placement", "responsibility", "mentor"].flatMap { tree["extension"]?.all($0) ?? [] }
        let times = ([tree["extension"]].compactMap(\.self) + parts).compactMap {
            $0.value("timestamp").flatMap { WallClock($0) }
        }
        self.modified = times.max()
        var json = JSONValue(tree, lists: IMSOrganization.lists)
        for name in ["recstatus", "status", "timeframe"] { json[name] = nil }
        self.bytes = Array(json.canonicalData)
    }

    /// The role with the member's id and the dates: how a record shows it.
    var json: JSONValue {
        var json = (try? JSONValue(parsing: Data(self.bytes))) ?? [:]
        json["id"] = .string(self.id)
        json["begin"] = self.begin.map(JSONValue.string)
        json["end"] = self.end.map(JSONValue.string)
        return json
    }
}
