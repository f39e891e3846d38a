import ConnectorKit
import SchoolRecords

/// One object of Skolverket's interface, taken apart into rows and put together of them.
struct DNPDocument: Sendable, Hashable {
    let type: DNPType
    let id: String
    /// The fields of the object itself; `nil` while only elements of its lists are known.
    var fields: [String: String]?
    /// The elements of its lists, by kind and key.
    private(set) var elements: [DNPRowKind: [String: [String: String]]] = [:]
    /// The unit of a group or an activity.
    var unit: String?

    init(_ type: DNPType, _ id: String) {
        self.type = type
        self.id = id
    }

    func elements(_ kind: DNPRowKind) -> [[String: String]] {
        (self.elements[kind] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    }

    mutating func set(_ kind: DNPRowKind, _ key: String, _ fields: [String: String]?) {
        self.elements[kind, default: [:]][key] = fields
    }

    // MARK: Rows

    /// - Parameter unitInRow: whether the unit is a field of a group's row.
    func rows(unitInRow: Bool) -> [TargetRow] {
        var rows: [TargetRow] = []
        if var fields, let kind = DNPRowKind(self.type.rawValue) {
            if unitInRow, let unit { fields["unit"] = unit }
            rows.append(Self.row(kind, fields))
        }
        for kind in DNPRowKind.allCases where kind.type == self.type {
            rows += self.elements(kind).map { Self.row(kind, $0) }
        }
        return rows
    }

    private static func row(_ kind: DNPRowKind, _ fields: [String: String]) -> TargetRow {
        TargetRow(kind: kind.rawValue, key: self.key(kind, fields), fields: fields)
    }

    static func key(_ kind: DNPRowKind, _ fields: [String: String]) -> String {
        kind.keyFields.map { fields[$0] ?? "" }.joined(separator: "|")
    }

    // MARK: As it is sent

    /// The object as Skolverket takes it.
    var json: JSONValue {
        let fields = self.fields ?? [:]
        var body: [String: JSONValue] = ["id": .string(self.id)]
        func text(_ field: String, as name: String? = nil) { body[name ?? field] = fields[field].map(JSONValue.string) }
        func reference(_ id: String?) -> JSONValue? { id.map { ["id": .string($0)] } }
        switch self.type {
        case .person:
            for name in ["givenName", "middleName", "familyName", "securityMarking"] { text(name) }
            body["civicNo"] = ["value": .string(fields["civicNo"] ?? ""), "nationality": "SE"]
            body["eduPersonPrincipalNames"] = .array(fields["eppn"].map { [.string($0)] } ?? [])
            if let mail = fields["email"] {
                var email: [String: JSONValue] = ["value": .string(mail)]
                email["type"] = fields["emailType"].map(JSONValue.string)
                body["emails"] = [.object(email)]
            }
            if let eduID = fields["eduID"] {
                body["externalIdentifiers"] = [
                    ["value": .string(eduID), "context": "https://eduid.se", "globallyUnique": true]
                ]
            }
            body["enrolments"] = .array(self.elements(.enrolment).map(Self.enrolment))
        case .duty:
            body["person"] = reference(fields["person"])
            body["dutyAt"] = reference(fields["unit"])
            text("role", as: "dutyRole")
        case .group:
            text("name", as: "displayName")
            text("type", as: "groupType")
            text("schoolType")
            body["organisation"] = reference(self.unit)
            body["groupMemberships"] = .array(
                self.elements(.member).map { ["person": ["id": .string($0["person"] ?? "")]] })
        case .activity:
            text("name", as: "displayName")
            body["activityType"] = "Undervisning"
            body["organisation"] = reference(self.unit)
            body["parentActivity"] = reference(fields["test"])
            body["groups"] = .array(fields["group"].map { [["id": .string($0)]] } ?? [])
            body["teachers"] = .array(self.elements(.teacher).map { ["duty": ["id": .string($0["duty"] ?? "")]] })
        }
        return .object(body)
    }

    private static func enrolment(_ fields: [String: String]) -> JSONValue {
        var enrolment: [String: JSONValue] = [
            "enroledAt": ["id": .string(fields["unit"] ?? "")], "schoolType": .string(fields["schoolType"] ?? ""),
        ]
        enrolment["schoolYear"] = fields["schoolYear"].flatMap { Int64($0) }.map(JSONValue.integer)
        enrolment["educationCode"] = fields["educationCode"].map(JSONValue.string)
        return .object(enrolment)
    }

    // MARK: As it is held

    /// Reads an object; `nil` for one without an id.
    init?(_ type: DNPType, reading json: JSONValue) {
        guard let id = json["id"]?.stringValue.map(RecordKey.normalID), !id.isEmpty else { return nil }
        self.init(type, id)
        var fields = ["id": id]
        func text(_ name: String, as field: String? = nil) { fields[field ?? name] = Self.text(json[name]) }
        switch type {
        case .person:
            for name in ["givenName", "middleName", "familyName", "securityMarking"] { text(name) }
            fields["civicNo"] = Self.text(json["civicNo"]?["value"])
            fields["eppn"] = Self.text(json["eduPersonPrincipalNames"]?.arrayValue?.first)
            fields["email"] = Self.text(json["emails"]?.arrayValue?.first?["value"])
            fields["emailType"] = Self.text(json["emails"]?.arrayValue?.first?["type"])
            fields["eduID"] = Self.text(json["externalIdentifiers"]?.arrayValue?.first?["value"])
            for enrolment in json["enrolments"]?.arrayValue ?? [] {
                var own = ["person": id]
                own["unit"] = Self.id(enrolment["enroledAt"])
                own["schoolType"] = Self.text(enrolment["schoolType"])
                own["schoolYear"] = enrolment["schoolYear"]?.integerValue.map { String($0) }
                own["educationCode"] = Self.text(enrolment["educationCode"])
                self.set(.enrolment, Self.key(.enrolment, own), own)
            }
        case .duty:
            fields["person"] = Self.id(json["person"])
            fields["unit"] = Self.id(json["dutyAt"])
            text("dutyRole", as: "role")
        case .group:
            text("displayName", as: "name")
            text("groupType", as: "type")
            text("schoolType")
            self.unit = Self.id(json["organisation"])
            for member in json["groupMemberships"]?.arrayValue ?? [] {
                guard let person = Self.id(member["person"]) else { continue }
                self.take(.member, ["group": id, "person": person])
            }
        case .activity:
            // An activity without a group, as after the group's deletion, is one to be written again.
            let (group, test) = (Self.id(json["groups"]?.arrayValue?.first) ?? "", Self.id(json["parentActivity"]) ?? "")
            fields = ["group": group, "test": test]
            text("displayName", as: "name")
            self.unit = Self.id(json["organisation"])
            for teacher in json["teachers"]?.arrayValue ?? [] {
                guard let duty = Self.id(teacher["duty"]) else { continue }
                self.take(.teacher, ["group": group, "test": test, "duty": duty])
            }
        }
        self.fields = fields
    }

    private mutating func take(_ kind: DNPRowKind, _ fields: [String: String]) {
        self.set(kind, Self.key(kind, fields), fields)
    }

    /// Whether it is an activity that somebody else made: ours have ids of their groups and tests.
    var isForeign: Bool {
        guard self.type == .activity, let fields else { return false }
        return self.id != DNPRowKind.activityID(group: fields["group"] ?? "", test: fields["test"] ?? "")
    }

    private static func text(_ value: JSONValue?) -> String? { value?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }

    private static func id(_ reference: JSONValue?) -> String? { self.text(reference?["id"]).map(RecordKey.normalID) }
}
