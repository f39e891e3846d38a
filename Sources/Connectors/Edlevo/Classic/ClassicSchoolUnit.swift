import SchoolRecords

/// A school unit in the sense of the national register, of which the Organization interface knows no more than a code and,
/// where a head is responsible for it, a name.
struct ClassicSchoolUnit: Sendable {
    /// Where a role names a school unit.
    struct Code: Sendable {
        let code: String
        let name: String?
        let json: JSONValue

        init?(_ json: JSONValue) {
            guard let code = json["schoolunitcode"]?.stringValue, !code.isEmpty else { return nil }
            // An integer by the schema: a leading zero is lost.
            self.code = String(repeating: "0", count: max(0, 8 - code.count)) + code
            self.name = json["schoolunitname"]?.stringValue
            self.json = json
        }
    }

    let code: String
    /// The unit that it belongs to.
    private(set) var unit: String
    private(set) var name: String?
    private(set) var types: Set<ClassicSchoolType> = []
    private(set) var modified: WallClock?
    /// What no schema knows of it.
    private(set) var more: [String: JSONValue] = [:]

    init(code: String, unit: String) {
        self.code = code
        self.unit = unit
    }

    private static let known: Set<String> = [
        "schoolunitcode", "schoolunitname", "begin", "end", "timestamp", "schoolyear", "programcode", "officialprogramcode",
        "programprofile", "programvariant", "integratedschooltype",
    ]

    mutating func take(_ code: Code, type: ClassicSchoolType, at time: WallClock?) {
        if let name = code.name { self.name = self.name.map { min($0, name) } ?? name }
        self.types.insert(type)
        self.modified = [self.modified, time].compactMap(\.self).max()
        for (name, value) in code.json.objectValue ?? [:] where !Self.known.contains(name) { self.more[name] = value }
    }
}
