import Foundation
import SchoolRecords

/// Holds a value against a JSON Schema, as far as the API's contract uses the language.
struct SchemaCheck {
    let document: JSONValue

    /// Where the value isn't as the schema has it.
    func faults(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        if schema.boolValue == true { return [] }
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last {
            guard let target = self.document["components"]?["schemas"]?[String(name)] else {
                return ["\(place): no schema \(name)"]
            }
            return self.faults(value, target, at: place)
        }
        if let names = schema["enum"]?.arrayValue, !names.contains(value) { return ["\(place): not in enum"] }
        switch schema["type"]?.stringValue {
        case "object":
            guard let object = value.objectValue else { return ["\(place): no object"] }
            let properties = schema["properties"]
            var faults: [String] = []
            for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where object[name] == nil {
                faults.append("\(place)/\(name): missing")
            }
            for (name, member) in object {
                if let known = properties?[name] {
                    faults += self.faults(member, known, at: "\(place)/\(name)")
                } else if let others = schema["additionalProperties"], others != [:] {
                    faults +=
                        others == false ? ["\(place)/\(name): unknown"] : self.faults(member, others, at: "\(place)/\(name)")
                } else if properties != nil {
                    // What the hub answers is all in its contract.
                    faults.append("\(place)/\(name): not in the contract")
                }
            }
            return faults
        case "array":
            guard let elements = value.arrayValue else { return ["\(place): no array"] }
            return elements.enumerated().flatMap { self.faults($1, schema["items"] ?? true, at: "\(place)/\($0)") }
        case "string": return value.stringValue == nil ? ["\(place): no string"] : []
        case "integer":
            guard let number = value.integerValue else { return ["\(place): no integer"] }
            let least = schema["minimum"]?.integerValue ?? .min
            return number < least ? ["\(place): \(number)"] : []
        case "number":
            if case .number = value { return [] }
            return value.integerValue == nil ? ["\(place): no number"] : []
        case "boolean": return value.boolValue == nil ? ["\(place): no boolean"] : []
        default: return []
        }
    }
}
