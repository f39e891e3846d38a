import Hub
import SchoolRecords

/// Something that a record is held against, after what leads there by other records has been looked up.
enum Condition: Sendable {
    /// One of these values stands at one of these paths.
    case any([(path: String, values: Set<String>)])
    /// A date, or with `isMoment` a time, given in seconds since the epoch.
    case bound(path: String, Filter.Side, String, isMoment: Bool)
    /// Every text is part of one of the names.
    case names([String])
    case identifier(value: String?, context: String?)

    func holds(for json: JSONValue) -> Bool {
        switch self {
        case .any(let places):
            return places.contains { path, values in
                json.texts(at: path.split(separator: ".")[...]).contains(where: values.contains)
            }
        case .bound(let path, let side, let bound, let isMoment):
            // What has no such date is always meant.
            guard let text = json[path]?.stringValue else { return true }
            if isMoment {
                guard let moment = Moment(text), let seconds = Int(bound) else { return false }
                return side == .onOrAfter ? moment.secondsSinceEpoch >= seconds : moment.secondsSinceEpoch <= seconds
            }
            return side == .onOrAfter ? text >= bound : text <= bound
        case .names(let parts):
            let names = ["givenName", "middleName", "familyName"].compactMap { json[$0]?.stringValue?.lowercased() }
            return parts.allSatisfy { part in names.contains { part.isEmpty || $0.contains(part) } }
        case .identifier(let value, let context):
            return (json["externalIdentifiers"]?.arrayValue ?? []).contains { identifier in
                (value == nil || identifier["value"]?.stringValue == value)
                    && (context == nil || identifier["context"]?.stringValue == context)
            }
        }
    }
}

/// All that a list's records are held against.
struct Choosing: Sendable {
    var choice: ProvidedChoice
    var conditions: [Condition] = []
    var relationship: Relationship?
    /// Nothing can meet it.
    var isEmpty = false

    /// More terms than this in one condition aren't looked for in the index: each record is looked at instead.
    private static let mostTerms = 400

    init(_ entity: Entity) { self.choice = ProvidedChoice(entity) }

    /// Takes a condition, and its terms where the index has them.
    mutating func add(_ condition: Condition, key: HubKey) {
        self.conditions.append(condition)
        let entity = self.choice.entity
        switch condition {
        case .any(let places):
            if places.allSatisfy(\.values.isEmpty) { self.isEmpty = true }
            var terms: Set<String> = []
            for (path, values) in places {
                if path.hasSuffix(".id") {
                    terms.formUnion(values.map { RecordTerms.reference(String(path.dropLast(3)), $0) })
                } else if RecordTerms.values[entity]?.contains(path) == true {
                    terms.formUnion(values.map { RecordTerms.value(path, $0, key: key) })
                } else {
                    return
                }
            }
            if terms.count <= Self.mostTerms, !terms.isEmpty { self.choice.terms.append(terms) }
        case .identifier(let value?, _):
            self.choice.terms.append([RecordTerms.value("externalIdentifiers.value", value, key: key)])
        case .bound, .names, .identifier: break
        }
    }
}
