import SchoolRecords

/// The operations that make one state of an object into another (RFC 7644, 3.5.2). Pure.
enum SCIMPatch {
    private static let schema: JSONValue = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

    /// The body of a PATCH; `nil` when nothing differs.
    ///
    /// - Parameters:
    ///   - before: as it is there, of the attributes that are ours.
    ///   - after: as it shall be.
    ///   - filled: the same as it is sent, with the addresses of references.
    static func body(from before: JSONValue, to after: JSONValue, filled: JSONValue) -> JSONValue? {
        var operations: [JSONValue] = []
        self.compare(before, after, filled, path: "", isTop: true, &operations)
        guard !operations.isEmpty else { return nil }
        return ["schemas": [self.schema], "Operations": .array(operations)]
    }

    private static func compare(
        _ before: JSONValue, _ after: JSONValue, _ filled: JSONValue, path: String, isTop: Bool, _ operations: inout [JSONValue]
    ) {
        let names = Set((before.objectValue?.keys ?? []) + (after.objectValue?.keys ?? [])).sorted()
        for name in names where before[name] != after[name] {
            // A schema's URI comes before its attributes with a colon.
            let place = path.isEmpty ? name : "\(path):\(name)"
            if isTop, name.hasPrefix("urn:") {
                self.compare(before[name] ?? [:], after[name] ?? [:], filled[name] ?? [:], path: name, isTop: false, &operations)
                continue
            }
            switch (before[name], after[name]) {
            case (_, nil): operations.append(["op": "remove", "path": .string(place)])
            case (nil, _?): operations.append(["op": "add", "path": .string(place), "value": filled[name] ?? .null])
            case (let old?, let new?):
                guard let old = self.byValue(old), let new = self.byValue(new), let sent = self.byValue(filled[name] ?? .null)
                else {
                    operations.append(["op": "replace", "path": .string(place), "value": filled[name] ?? .null])
                    continue
                }
                for value in old.keys.sorted() where new[value] != old[value] {
                    let path = "\(place)[\(SCIMFilter.equals("value", value))]"
                    operations.append(["op": "remove", "path": .string(path)])
                }
                let added = new.keys.sorted().filter { new[$0] != old[$0] }.compactMap { sent[$0] }
                if !added.isEmpty { operations.append(["op": "add", "path": .string(place), "value": .array(added)]) }
            }
        }
    }

    /// The elements of a list by their `value`; `nil` for what is no list, or where it doesn't tell them apart.
    private static func byValue(_ list: JSONValue) -> [String: JSONValue]? {
        guard let elements = list.arrayValue else { return nil }
        var byValue: [String: JSONValue] = [:]
        for element in elements {
            guard let value = element["value"]?.stringValue, byValue.updateValue(element, forKey: value) == nil else {
                return nil
            }
        }
        return byValue
    }
}
