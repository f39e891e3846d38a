/// Collects the fields of one JSON object; what is `nil` is left out.
struct FieldWriter {
    private var members = JSONObject()

    var json: JSONValue { .object(self.members) }

    mutating func set(_ name: String, _ value: String?) { self.members[name] = value.map(JSONValue.string) }
    mutating func set(_ name: String, _ value: Int?) { self.members[name] = value.map { .integer(Int64($0)) } }
    mutating func set(_ name: String, _ value: Bool?) { self.members[name] = value.map(JSONValue.bool) }
    mutating func set(_ name: String, _ value: CalendarDate?) { self.members[name] = value.map { .string($0.description) } }
    mutating func set(_ name: String, _ value: Moment?) { self.members[name] = value.map { .string($0.description) } }
    mutating func set(_ name: String, _ value: TimeOfDay?) { self.members[name] = value.map { .string($0.description) } }
    mutating func set(_ name: String, _ value: [String]?) { self.members[name] = value.map { .array($0.map(JSONValue.string)) } }
    mutating func set(_ name: String, _ value: (some CodeSet)?) { self.members[name] = value.map { .string($0.rawValue) } }
    mutating func set(_ name: String, _ value: [some CodeSet]?) {
        self.members[name] = value.map { .array($0.map { .string($0.rawValue) }) }
    }
    mutating func set(_ name: String, _ value: (some RecordPart)?) { self.members[name] = value.map(\.json) }
    mutating func set(_ name: String, _ value: [some RecordPart]?) { self.members[name] = value.map { .array($0.map(\.json)) } }
    mutating func set(_ name: String, _ value: SecurityMarking?) { self.members[name] = value.map(\.json) }
}
