import SchoolRecords

/// The school unit (or school) that a record belongs to: changes are counted by it too, since a small school that vanishes
/// is lost among all the others.
enum SchoolUnit {
    /// The id of the unit; `nil` for what belongs to none, e.g. a guardian.
    static func of(_ entity: Entity, _ body: JSONValue) -> String? {
        switch entity {
        case .person:
            (body["enrolments"]?.arrayValue ?? []).lazy.compactMap { $0["enroledAt"]?["id"]?.stringValue }.first
        case .group, .roleGrant: body["organisation"]?["id"]?.stringValue
        case .duty: body["dutyAt"]?["id"]?.stringValue
        case .placement: body["placedAt"]?["id"]?.stringValue
        case .employee:
            (body["employments"]?.arrayValue ?? []).lazy.compactMap { $0["organisation"]?["id"]?.stringValue }.first
        default: nil
        }
    }
}
