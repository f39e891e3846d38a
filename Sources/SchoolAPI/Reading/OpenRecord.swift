import Foundation
import Hub
import SchoolRecords

/// A record as this interface works on it: read, and without what is withheld.
struct OpenRecord: Sendable {
    let key: RecordKey
    /// RFC 3339 in UTC.
    let created: String
    let modified: String
    let json: JSONValue
}

/// Who is withheld from everybody, and what is left of records that name them.
///
/// A protected person's own records never come here: they are in the vault. What other records say of such a person is an opaque
/// id, or, where another source names the person and hasn't been read since, still the real one. Neither is given to anybody.
struct Withholding: Sendable {
    private let opaqueIDs: Set<String>
    private let key: HubKey

    init(_ opaqueIDs: Set<String>, key: HubKey) {
        self.opaqueIDs = opaqueIDs
        self.key = key
    }

    func isWithheld(person id: String) -> Bool {
        guard !self.opaqueIDs.isEmpty else { return false }
        return self.opaqueIDs.contains(id) || self.opaqueIDs.contains(self.key.opaqueKey(for: RecordKey(.person, id)).id)
    }

    /// Reads a record; `nil` for one that can't be given: it is a withheld person's, or can't do without naming one.
    func open(_ record: RegisteredRecord) -> OpenRecord? {
        // A probe's synthetic records go to whom the probe says.
        guard record.source != ProbeRecords.source, let json = try? JSONValue(parsing: record.body) else { return nil }
        if record.key.entity == .person {
            // The vault has every one of them; this is for the case that it hasn't.
            if let marking = json["securityMarking"]?.stringValue, marking != "Ingen" { return nil }
            if self.isWithheld(person: record.key.id) { return nil }
        }
        let left = self.opaqueIDs.isEmpty ? json : self.rest(of: json, .object(record.key.entity.shape))
        guard let left else { return nil }
        return OpenRecord(key: record.key, created: record.created, modified: record.time, json: left)
    }

    /// A value without references to withheld persons; `nil` when nothing can be left of it.
    ///
    /// - Parameter isElement: an element of a list that is about a person goes with the person, whether the standard demands
    ///   the reference or not: the rest would say that there is somebody.
    private func rest(of json: JSONValue, _ shape: FieldShape, isElement: Bool = false) -> JSONValue? {
        switch shape {
        case .reference(.person):
            // Said in full: JSON has a nil of its own.
            return json["id"]?.stringValue.map(self.isWithheld(person:)) == true ? Optional.none : json
        case .list(let element):
            guard let elements = json.arrayValue, element.holdsReferences else { return json }
            return .array(elements.compactMap { self.rest(of: $0, element, isElement: true) })
        case .object(let shape):
            guard let members = json.objectValue else { return json }
            var left = members
            for (name, value) in members {
                guard let field = shape.fields[name], field.holdsReferences else { continue }
                let rest = self.rest(of: value, field)
                if rest == nil, shape.required.contains(name) || isElement && name == "person" { return nil }
                left[name] = rest
            }
            return .object(left)
        default: return json
        }
    }
}

extension FieldShape {
    fileprivate var holdsReferences: Bool {
        switch self {
        case .reference: true
        case .list(let element): element.holdsReferences
        case .object(let shape): shape.fields.values.contains { $0.holdsReferences }
        default: false
        }
    }
}
