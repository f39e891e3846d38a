import ConnectorKit
import SchoolRecords

/// One type of object, and where and how the receiving system takes it.
struct SCIMResource: Sendable, Hashable {
    /// The kind of the rows that are such objects; a row's key is the object's `externalId`.
    let kind: String
    /// The field of a row that is its key; it has no place of its own in the body.
    let keyField: String
    /// Below the base address, without slashes at its ends.
    let path: String
    /// URIs of the schemas of the object.
    let schemas: [String]
    /// Whether objects can be taken away again.
    let isDeletable: Bool
    /// Fields without which a row is no use.
    let required: [String]
    let body: SCIMTemplate
    let lists: [SCIMList]
}

/// A list within an object whose elements are rows of their own in the mapping.
struct SCIMList: Sendable, Hashable {
    /// The kind of the rows that are its elements.
    let kind: String
    /// The field with the key of the object.
    let object: String
    /// The fields of a row's key, in order.
    let key: [String]
    /// Where it is in the object: names of members from the top.
    let path: [String]
    let required: [String]
    let body: SCIMTemplate

    /// The key of the object that a row is an element of; of a row whose fields aren't known any more, as its own key has it.
    func object(of row: TargetRow) -> String? {
        if let key = row.fields[self.object] { return key }
        let parts = row.key.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == self.key.count, let place = self.key.firstIndex(of: self.object) else { return nil }
        return String(parts[place])
    }
}

extension SCIMResource {
    /// An object's attributes without what every object has, and without the addresses of references: what is compared.
    func plain(_ row: TargetRow, _ elements: [TargetRow]) throws(BodyTemplate.Misfit) -> JSONValue {
        var body = try self.body.plain(row.fields)
        for list in self.lists {
            var values: [JSONValue] = []
            for element in Self.sorted(elements, of: list) { values.append(try list.body.plain(element.fields)) }
            if !values.isEmpty { body = body.setting(.array(values), at: list.path[...]) }
        }
        return body
    }

    /// An object as it is sent.
    func filled(_ row: TargetRow, _ elements: [TargetRow]) throws(BodyTemplate.Misfit) -> JSONValue {
        var body = try self.body.filled(row.fields)
        for list in self.lists {
            var values: [JSONValue] = []
            for element in Self.sorted(elements, of: list) { values.append(try list.body.filled(element.fields)) }
            if !values.isEmpty { body = body.setting(.array(values), at: list.path[...]) }
        }
        body["schemas"] = .array(self.schemas.map(JSONValue.string))
        body["externalId"] = .string(row.key)
        return body
    }

    /// Always in one order, each once: the same object is the same body.
    private static func sorted(_ elements: [TargetRow], of list: SCIMList) -> [TargetRow] {
        Dictionary(elements.filter { $0.kind == list.kind }.map { ($0.key, $0) }) { _, last in last }
            .values.sorted { $0.key < $1.key }
    }

    /// The rows that an object which was read is made of; `nil` when it has no usable key or other fixed parts than ours.
    func rows(of object: JSONValue) -> (row: TargetRow, elements: [TargetRow])? {
        guard let key = Self.key(of: object), var fields = self.body.fields(of: object) else { return nil }
        fields[self.keyField] = key
        var elements: [TargetRow] = []
        for list in self.lists {
            var value: JSONValue? = object
            for name in list.path { value = value?[name] }
            for element in value?.arrayValue ?? [] {
                guard var fields = list.body.fields(of: element) else { continue }
                fields[list.object] = key
                let parts = list.key.compactMap { fields[$0] }
                guard parts.count == list.key.count else { continue }
                elements.append(TargetRow(kind: list.kind, key: parts.joined(separator: "|"), fields: fields))
            }
        }
        return (TargetRow(kind: self.kind, key: key, fields: fields), elements)
    }

    /// The `externalId`, or the `id` of an object without one.
    static func key(of object: JSONValue) -> String? {
        object["externalId"].flatMap(ElementReading.usable) ?? object["id"].flatMap(ElementReading.usable)
    }
}

extension JSONValue {
    /// With a value at a path of members, which are made where they aren't there.
    fileprivate func setting(_ value: JSONValue, at path: ArraySlice<String>) -> JSONValue {
        guard let name = path.first else { return value }
        var members = self.objectValue ?? [:]
        members[name] = (members[name] ?? [:]).setting(value, at: path.dropFirst())
        return .object(members)
    }
}
