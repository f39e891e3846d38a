import Hub
import SchoolRecords

/// An object that the API answers with: its members are at once what the contract says of it and how it is written, so that neither can
/// say anything else than the other.
struct APIShape<Value: Sendable>: Sendable {
    struct Member: Sendable {
        let field: APIField
        let write: @Sendable (Value, Language) -> JSONValue?
    }

    let name: String
    let members: [Member]

    init(_ name: String, _ members: [Member]) {
        self.name = name
        self.members = members
    }

    var kind: APIKind { .shape(self.name, self.members.map(\.field)) }

    func json(_ value: Value, _ language: Language) -> JSONValue {
        var fields: [String: JSONValue] = [:]
        for member in self.members { if let written = member.write(value, language) { fields[member.field.name] = written } }
        return .object(fields)
    }
}

extension APIShape.Member {
    private init(
        _ name: String, _ kind: APIKind, isRequired: Bool, _ note: String,
        _ write: @escaping @Sendable (Value, Language) -> JSONValue?
    ) {
        self.field = APIField(name, kind, isRequired: isRequired, note)
        self.write = write
    }

    static func text(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> String) -> Self {
        Self(name, .text(most: 100_000), isRequired: true, note) { value, _ in .string(get(value)) }
    }

    /// A text for people, in the language that they asked for.
    static func words(_ name: String, _ note: String, _ get: @escaping @Sendable (Value, Language) -> String) -> Self {
        Self(name, .text(most: 100_000), isRequired: true, note) { value, language in .string(get(value, language)) }
    }

    static func maybe(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> String?) -> Self {
        Self(name, .text(most: 100_000), isRequired: false, note) { value, _ in get(value).map { .string($0) } }
    }

    static func choice<Choice: RawRepresentable & CaseIterable & SendableMetatype>(
        _ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Choice
    ) -> Self where Choice.RawValue == String {
        Self(name, .choice(Choice.allCases.map(\.rawValue)), isRequired: true, note) { value, _ in .string(get(value).rawValue) }
    }

    static func instant(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> String) -> Self {
        Self(name, .instant, isRequired: true, note) { value, _ in .string(get(value)) }
    }

    static func maybeInstant(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> String?) -> Self {
        Self(name, .instant, isRequired: false, note) { value, _ in get(value).map { .string($0) } }
    }

    static func count(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Int) -> Self {
        Self(name, .count, isRequired: true, note) { value, _ in .integer(Int64(get(value))) }
    }

    static func maybeCount(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Int?) -> Self {
        Self(name, .count, isRequired: false, note) { value, _ in get(value).map { .integer(Int64($0)) } }
    }

    static func number(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Int64) -> Self {
        Self(name, .number64, isRequired: true, note) { value, _ in .integer(get(value)) }
    }

    static func maybeNumber(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Int64?) -> Self {
        Self(name, .count, isRequired: false, note) { value, _ in get(value).map { .integer($0) } }
    }

    static func seconds(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Double?) -> Self {
        Self(name, .number, isRequired: false, note) { value, _ in get(value).map { .number($0) } }
    }

    static func share(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Double) -> Self {
        Self(name, .share, isRequired: true, note) { value, _ in .number(get(value)) }
    }

    static func flag(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> Bool) -> Self {
        Self(name, .boolean, isRequired: true, note) { value, _ in .bool(get(value)) }
    }

    static func texts(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> [String]) -> Self {
        Self(name, .list(of: .text(most: 100_000)), isRequired: true, note) { value, _ in .array(get(value).map { .string($0) }) }
    }

    static func counts(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> [String: Int]) -> Self {
        Self(name, .map(of: .count), isRequired: true, note) { value, _ in
            .object(get(value).mapValues { .integer(Int64($0)) })
        }
    }

    static func list<Element>(
        _ name: String, _ shape: APIShape<Element>, _ note: String, _ get: @escaping @Sendable (Value) -> [Element]
    ) -> Self {
        Self(name, .list(of: shape.kind), isRequired: true, note) { value, language in
            .array(get(value).map { shape.json($0, language) })
        }
    }

    static func part<Element>(
        _ name: String, _ shape: APIShape<Element>, _ note: String, _ get: @escaping @Sendable (Value) -> Element?
    ) -> Self {
        Self(name, shape.kind, isRequired: false, note) { value, language in get(value).map { shape.json($0, language) } }
    }

    static func any(_ name: String, _ note: String, _ get: @escaping @Sendable (Value) -> JSONValue?) -> Self {
        Self(name, .any, isRequired: false, note) { value, _ in get(value) }
    }
}
