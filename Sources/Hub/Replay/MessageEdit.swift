public import SchoolRecords

/// Makes the corrected content of a message, and holds it to what a correction may do.
public enum MessageEdit {
    /// One change: a place in the record and what is to stand there, `nil` for nothing.
    public struct Change: Sendable, Hashable {
        /// Names and positions, e.g. `emails[0].value`.
        public let path: String
        public let value: JSONValue?

        public init(path: String, value: JSONValue?) {
            self.path = path
            self.value = value
        }
    }

    /// Something in a correction that can't be.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// What says who a record is about, what it is, and who may see it: not for correction.
    public static let locked = ["id", "meta", "securityMarking"]

    /// Applies changes one after the other.
    ///
    /// - Throws: ``Problem`` naming a path that leads nowhere.
    public static func apply(_ changes: [Change], to record: JSONValue) throws(Problem) -> JSONValue {
        var record = record
        for change in changes {
            record = try Self.set(change.value, at: try Self.steps(change.path)[...], in: record, path: change.path)
        }
        return record
    }

    /// Checks a corrected record against the original: the model's fields and codes, and what is locked.
    ///
    /// - Returns: the record in its normal form, and the names of its fields that differ.
    /// - Throws: ``Problem``, in words that hold no value.
    public static func check(
        _ edited: JSONValue, of entity: Entity, original: JSONValue
    ) throws(Problem) -> (record: JSONValue, fields: [String]) {
        let members = edited.objectValue ?? [:]
        for name in members.keys.sorted() {
            guard let own = Self.locked.first(where: { $0.lowercased() == name.lowercased() }) else { continue }
            if name != own || edited[own] != original[own] {
                throw Problem(description: "\(own) can't be corrected: it says which record this is, or who may see it.")
            }
        }
        for own in Self.locked where original[own] != nil && members[own] == nil {
            throw Problem(description: "\(own) can't be taken away: it says which record this is, or who may see it.")
        }
        let normal: JSONValue
        do { normal = try SchoolRecord.validate(entity, edited) } catch {
            throw Problem(description: "That is no valid \(entity.rawValue): \(error)")
        }
        for name in members.keys.sorted() where normal[name] == nil && original[name] == nil && name != "meta" {
            throw Problem(description: "A \(entity.rawValue) has no field \(name), or none with this value.")
        }
        let names = Set((normal.objectValue ?? [:]).keys).union((original.objectValue ?? [:]).keys)
        let fields = names.filter { normal[$0] != original[$0] }.sorted()
        if fields.isEmpty { throw Problem(description: "The correction changes nothing.") }
        return (normal, fields)
    }

    private enum Step {
        case name(String)
        case position(Int)
    }

    private static func steps(_ path: String) throws(Problem) -> [Step] {
        var steps: [Step] = []
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            guard let name = pieces.first, !name.isEmpty else { throw Problem(description: "\(path) is no path.") }
            steps.append(.name(String(name)))
            for piece in pieces.dropFirst() {
                guard piece.hasSuffix("]"), let position = Int(piece.dropLast()), position >= 0 else {
                    throw Problem(description: "\(path) is no path. Write it as emails[0].value.")
                }
                steps.append(.position(position))
            }
        }
        return steps
    }

    private static func set(
        _ value: JSONValue?, at steps: ArraySlice<Step>, in record: JSONValue, path: String
    ) throws(Problem) -> JSONValue {
        guard let step = steps.first else { return value ?? .null }
        let rest = steps.dropFirst()
        switch step {
        case .name(let name):
            guard var members = record.objectValue else { throw Problem(description: "\(path): \(name) isn't there.") }
            if rest.isEmpty {
                members[name] = value
            } else {
                guard let inner = members[name] else { throw Problem(description: "\(path): \(name) isn't there.") }
                members[name] = try Self.set(value, at: rest, in: inner, path: path)
            }
            return .object(members)
        case .position(let position):
            guard var elements = record.arrayValue, position < elements.count else {
                throw Problem(description: "\(path): there is no position \(position).")
            }
            if rest.isEmpty {
                if let value { elements[position] = value } else { elements.remove(at: position) }
            } else {
                elements[position] = try Self.set(value, at: rest, in: elements[position], path: path)
            }
            return .array(elements)
        }
    }
}
