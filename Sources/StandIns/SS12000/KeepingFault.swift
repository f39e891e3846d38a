public import SchoolRecords

/// A way in which a system keeps something else than what it was given, or shows something else than what it keeps, without saying
/// so. Paths are names with dots (`addresses.postalCode`); in lists they mean every element.
public enum KeepingFault: Sendable, Hashable {
    /// A field has no column.
    case drops(Entity, String)
    /// A column is too short.
    case cuts(Entity, String, to: Int)
    /// UTF-8 is taken for ISO 8859-1.
    case garbles(Entity, String)
    /// A date is kept as midnight in Sweden and shown in UTC.
    case dayBefore(Entity, String)
    /// Written in capitals.
    case capitals(Entity, String)
    /// Kept as a number.
    case losesZeros(Entity, String)
    /// Kept as another code.
    case otherCode(Entity, String, String)
    /// A field that is there already is never changed.
    case ignoresUpdates(Entity, String)
    /// A change makes another record beside the one that it is of.
    case duplicatesUpdates(Entity)
    /// A deletion is answered, and nothing deleted.
    case ignoresDeletions(Entity)
    /// Lists don't show records of this kind.
    case hides(Entity)

    var entity: Entity {
        switch self {
        case .drops(let entity, _), .cuts(let entity, _, _), .garbles(let entity, _), .dayBefore(let entity, _),
            .capitals(let entity, _), .losesZeros(let entity, _), .otherCode(let entity, _, _), .ignoresUpdates(let entity, _),
            .duplicatesUpdates(let entity), .ignoresDeletions(let entity), .hides(let entity):
            entity
        }
    }

    /// What is kept of a document.
    ///
    /// - Parameter before: what was kept before.
    func kept(_ document: JSONValue, before: JSONValue?) -> JSONValue {
        switch self {
        case .drops(_, let path): document.changed(at: path) { _ in nil }
        case .cuts(_, let path, let count): document.texts(at: path) { String($0.prefix(count)) }
        case .garbles(_, let path):
            document.texts(at: path) { text in String(text.utf8.map { Character(Unicode.Scalar($0)) }) }
        case .dayBefore(_, let path):
            document.texts(at: path) { text in
                CalendarDate(text).map { CalendarDate(daysSinceEpoch: $0.daysSinceEpoch - 1).description } ?? text
            }
        case .capitals(_, let path): document.texts(at: path) { $0.uppercased() }
        case .losesZeros(_, let path): document.texts(at: path) { String($0.drop { $0 == "0" }) }
        case .otherCode(_, let path, let code): document.texts(at: path) { _ in code }
        case .ignoresUpdates(_, let path):
            before.flatMap { $0.first(at: path) }.map { old in document.changed(at: path) { _ in old } } ?? document
        case .duplicatesUpdates, .ignoresDeletions, .hides: document
        }
    }
}

extension EdlevoFaults {
    /// How what is written is kept otherwise.
    func keeps(_ document: JSONValue, _ entity: Entity, before: JSONValue?) -> JSONValue {
        self.keeping.filter { $0.entity == entity }.reduce(document) { $1.kept($0, before: before) }
    }

    func duplicatesUpdates(of entity: Entity) -> Bool { self.keeping.contains(.duplicatesUpdates(entity)) }

    func ignoresDeletions(of entity: Entity) -> Bool { self.keeping.contains(.ignoresDeletions(entity)) }

    func hides(_ entity: Entity) -> Bool { self.keeping.contains(.hides(entity)) }
}

extension JSONValue {
    /// The same with the values at a path changed, or taken away.
    fileprivate func changed(at path: String, _ change: (JSONValue) -> JSONValue?) -> JSONValue {
        self.changed(path.split(separator: ".")[...], change) ?? .null
    }

    private func changed(_ steps: ArraySlice<Substring>, _ change: (JSONValue) -> JSONValue?) -> JSONValue? {
        if case .array(let elements) = self { return .array(elements.compactMap { $0.changed(steps, change) }) }
        guard let step = steps.first else { return change(self) }
        guard let member = self[String(step)] else { return self }
        var copy = self
        copy[String(step)] = member.changed(steps.dropFirst(), change)
        return copy
    }

    fileprivate func texts(at path: String, _ change: (String) -> String) -> JSONValue {
        self.changed(at: path) { value in value.stringValue.map { .string(change($0)) } ?? value }
    }

    fileprivate func first(at path: String) -> JSONValue? {
        var found: JSONValue?
        _ = self.changed(at: path) { value in
            if found == nil { found = value }
            return value
        }
        return found
    }
}
