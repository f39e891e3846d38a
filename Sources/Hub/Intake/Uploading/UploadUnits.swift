import SchoolRecords

/// Which school units a record is about, for who may hand in those of some units.
enum UploadUnits {
    /// - Returns: every unit that it names as its own; empty for what belongs to none.
    static func of(_ entity: Entity, _ body: JSONValue, id: String) -> Set<String> {
        switch entity {
        case .organisation: [id]
        case .person:
            Set((body["enrolments"]?.arrayValue ?? []).compactMap { $0["enroledAt"]?["id"]?.stringValue })
        default: SchoolUnit.of(entity, body).map { [$0] } ?? []
        }
    }
}
