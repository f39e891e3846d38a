import Foundation
public import SchoolRecords

/// By what a record is found without opening it: what it refers to, and the numbers and codes by which systems ask for it.
///
/// References stand in clear, as ids do everywhere in the store; everything else as a keyed hash.
public enum RecordTerms {
    /// The fields that are found by their values, by entity.
    public static let values: [Entity: [String]] = [
        .organisation: ["schoolUnitCode", "organisationCode"],
        .person: ["civicNo.value", "eduPersonPrincipalNames", "externalIdentifiers.value"],
    ]

    /// The moments whose days records are found by, by entity.
    public static let days: [Entity: String] = [.calendarEvent: "startTime", .absence: "startTime"]

    /// The terms of a record in normal form.
    public static func of(_ entity: Entity, _ json: JSONValue, key: HubKey) -> Set<String> {
        var terms: Set<String> = []
        for reference in RecordReferences.of(entity, json) {
            terms.insert(Self.reference(Self.plain(reference.path), reference.key.id))
        }
        for path in Self.values[entity] ?? [] {
            for value in json.texts(at: path.split(separator: ".")[...]) { terms.insert(Self.value(path, value, key: key)) }
        }
        if let field = Self.days[entity], let moment = json[field]?.stringValue.flatMap({ Moment($0) }) {
            terms.insert(Self.day(field, Self.day(moment.secondsSinceEpoch)))
        }
        return terms
    }

    /// The day of a moment, in UTC: days since 1970-01-01.
    public static func day(_ secondsSinceEpoch: Int) -> Int { Int((Double(secondsSinceEpoch) / 86_400).rounded(.down)) }

    /// The term of a day.
    public static func day(_ field: String, _ day: Int) -> String { "\(field)@\(day)" }

    /// The term of a reference.
    ///
    /// - Parameter path: names with dots, e.g. `groupMemberships.person`.
    public static func reference(_ path: String, _ id: String) -> String { "\(path):\(id)" }

    /// The term of a value of one of ``values``.
    public static func value(_ path: String, _ value: String, key: HubKey) -> String {
        "\(path)#\(key.contentHash(Data("term/\(path)/\(value)".utf8)))"
    }

    /// What stands for an identity number wherever it is looked for and mustn't be kept.
    ///
    /// - Parameter number: as a record in normal form has it.
    public static func number(_ number: String, key: HubKey) -> String { Self.value("civicNo.value", number, key: key) }

    /// `groupMemberships[3].person` → `groupMemberships.person`
    private static func plain(_ path: String) -> String {
        var plain = ""
        var isOutside = true
        for character in path {
            switch character {
            case "[": isOutside = false
            case "]": isOutside = true
            default: if isOutside { plain.append(character) }
            }
        }
        return plain
    }
}

extension JSONValue {
    /// The texts at a path; in lists those of every element.
    public func texts(at path: ArraySlice<Substring>) -> [String] {
        if case .array(let elements) = self { return elements.flatMap { $0.texts(at: path) } }
        guard let name = path.first else { return self.stringValue.map { [$0] } ?? [] }
        return self[String(name)]?.texts(at: path.dropFirst()) ?? []
    }
}
