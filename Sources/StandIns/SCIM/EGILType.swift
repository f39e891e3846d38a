import SchoolRecords

/// A type of object of EGIL (SCIM 2.0 with the schemas `sis:school:1.0`), and what a server demands of one.
public enum EGILType: String, Sendable, Hashable, CaseIterable {
    case organisation = "Organisations"
    case schoolUnitGroup = "SchoolUnitGroups"
    case schoolUnit = "SchoolUnits"
    case user = "Users"
    case employment = "Employments"
    case studentGroup = "StudentGroups"
    case activity = "Activities"

    static let extensionSchema = "urn:scim:schemas:extension:sis:school:1.0:"
    /// Where a user's school attributes are.
    static let userSchema = Self.extensionSchema + "User"

    /// The schema that an object must say it follows.
    var schema: String {
        switch self {
        case .organisation: Self.extensionSchema + "Organisation"
        case .schoolUnitGroup: Self.extensionSchema + "SchoolUnitGroup"
        case .schoolUnit: Self.extensionSchema + "SchoolUnit"
        case .user: "urn:ietf:params:scim:schemas:core:2.0:User"
        case .employment: Self.extensionSchema + "Employment"
        case .studentGroup: Self.extensionSchema + "StudentGroup"
        case .activity: Self.extensionSchema + "Activity"
        }
    }

    /// Attributes without which an object is refused, as paths.
    private var required: [[String]] {
        let named = [["externalId"], ["displayName"]]
        return switch self {
        case .organisation, .schoolUnitGroup: named
        case .schoolUnit: named + [["schoolUnitCode"]]
        case .user: named + [["userName"], ["name", "familyName"], ["name", "givenName"]]
        case .employment: [["externalId"], ["employedAt", "value"], ["user", "value"], ["employmentRole"]]
        case .studentGroup, .activity: named + [["owner", "value"]]
        }
    }

    /// References that an object holds: which type each value is of.
    private var references: [(path: [String], type: EGILType)] {
        switch self {
        case .organisation, .schoolUnitGroup: []
        case .schoolUnit: [(["organisation"], .organisation), (["schoolUnitGroup"], .schoolUnitGroup)]
        case .user: [([Self.userSchema, "enrolments"], .schoolUnit)]
        case .employment: [(["employedAt"], .schoolUnit), (["user"], .user)]
        case .studentGroup: [(["owner"], .schoolUnit), (["studentMemberships"], .user)]
        case .activity: [(["owner"], .schoolUnit), (["groups"], .studentGroup), (["teachers"], .employment)]
        }
    }

    /// What is wrong with an object; `nil` when nothing is.
    func fault(of object: JSONValue) -> String? {
        guard let schemas = object["schemas"]?.arrayValue, schemas.contains(.string(self.schema)) else { return "schemas" }
        for path in self.required where Self.value(object, path)?.stringValue?.isEmpty ?? true {
            return path.joined(separator: ".")
        }
        guard let id = object["externalId"]?.stringValue, Self.isUUID(id) else { return "externalId" }
        if self == .schoolUnit {
            let code = object["schoolUnitCode"]?.stringValue ?? ""
            guard code.utf8.count == 8, code.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return "schoolUnitCode" }
        }
        if self == .user, object[Self.userSchema] != nil, !schemas.contains(.string(Self.userSchema)) { return "schemas" }
        if let year = object[Self.userSchema]?["enrolments"]?.arrayValue?.lazy.compactMap({ $0["schoolYear"] }).first {
            guard year.integerValue != nil else { return "enrolments.schoolYear" }
        }
        if let mark = object[Self.userSchema]?["securityMarking"] {
            guard mark.boolValue != nil else { return "securityMarking" }
        }
        return nil
    }

    /// The ids that an object refers to, by type.
    func referred(by object: JSONValue) -> [(type: EGILType, id: String)] {
        self.references.flatMap { reference in
            let value = Self.value(object, reference.path)
            return (value?.arrayValue ?? [value].compactMap { $0 }).compactMap { $0["value"]?.stringValue }
                .map { (reference.type, $0) }
        }
    }

    private static func value(_ object: JSONValue, _ path: [String]) -> JSONValue? {
        path.reduce(Optional(object)) { $0?[$1] }
    }

    /// In small letters: with others an id would be another one.
    private static func isUUID(_ text: String) -> Bool {
        let lengths = text.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
        return lengths == [8, 4, 4, 4, 12]
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x2D }
    }
}
