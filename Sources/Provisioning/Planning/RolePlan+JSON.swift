import Mapping
public import SchoolRecords

/// A document that is no plan.
public struct PlanFormatError: Error, Sendable, CustomStringConvertible {
    /// Where, and what is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension RolePlan {
    /// The form that plans are stored in.
    public static let format = "knutpunkt-role-plan/1"

    /// The plan as JSON; ``JSONValue/canonicalData`` of it is the same for the same plan.
    public var json: JSONValue {
        func texts(_ set: Set<String>?) -> JSONValue { set.map { .array($0.sorted().map(JSONValue.string)) } ?? .null }
        let total = self.total
        return PlanJSON.object([
            "format": .string(Self.format), "id": .string(self.id), "date": .string(self.request.date.description),
            "term": PlanJSON.text(self.request.term), "systems": texts(self.request.systems), "units": texts(self.request.units),
            "policyVersion": .string(self.policyVersion), "stateVersion": .string(self.stateVersion),
            "undoes": PlanJSON.text(self.undoes), "unread": .array(self.unread.map(JSONValue.string)),
            "steps": .array(self.steps.map(\.json)), "kept": .array(self.kept.map(\.json)),
            "blocked": .array(self.blocked.map(\.json)),
            "counts": [
                "granted": .integer(Int64(total.granted)), "revoked": .integer(Int64(total.revoked)),
                "changed": .integer(Int64(total.changed)), "kept": .integer(Int64(total.kept)),
                "blocked": .integer(Int64(total.blocked)),
            ],
        ])
    }

    /// Reads ``json``.
    ///
    /// - Throws: ``PlanFormatError`` when it isn't one, or has been changed: its id is that of its content.
    public init(json: JSONValue) throws(PlanFormatError) {
        guard json["format"] == .string(Self.format) else { throw PlanFormatError("format: is not \(Self.format)") }
        let reader = PlanJSON(json, "plan")
        func set(_ name: String) throws(PlanFormatError) -> Set<String>? {
            json[name] == nil ? nil : Set(try reader.texts(name))
        }
        self.init(
            request: Request(
                date: try reader.date("date"), term: json["term"]?.stringValue, systems: try set("systems"),
                units: try set("units")),
            policyVersion: try reader.text("policyVersion"), stateVersion: try reader.text("stateVersion"),
            steps: try reader.entries("steps"), kept: try reader.entries("kept"), blocked: try reader.entries("blocked"),
            unread: try reader.texts("unread"), undoes: json["undoes"]?.stringValue)
        guard json["id"] == .string(self.id) else { throw PlanFormatError("id: isn't that of the content") }
    }
}

extension PlanEntry {
    /// The entry as JSON.
    public var json: JSONValue {
        PlanJSON.object([
            "id": .string(self.id), "person": .string(self.key.person), "system": .string(self.key.name.system),
            "role": .string(self.key.name.role), "scope": .string(self.key.scope.description),
            "action": .string(self.action.rawValue), "unit": PlanJSON.text(self.unit), "before": self.before?.json ?? .null,
            "after": self.after?.json ?? .null, "isStaff": .bool(self.isStaff),
            "reasons": PlanJSON.list(self.reasons.map(\.json)), "cause": self.cause?.json ?? .null,
            "block": self.block?.json ?? .null,
            "marks": PlanJSON.list(self.marks.sorted().map { .string($0.rawValue) }),
            "waitsFor": PlanJSON.list(self.waitsFor.map(JSONValue.string)),
        ])
    }

    /// Reads ``json``.
    ///
    /// - Throws: ``PlanFormatError`` naming what is wrong.
    public init(json: JSONValue) throws(PlanFormatError) {
        let reader = PlanJSON(json, "entry")
        guard let scope = GrantScope(try reader.text("scope")) else { throw PlanFormatError("entry.scope: is no scope") }
        guard let action = Action(rawValue: try reader.text("action")) else {
            throw PlanFormatError("entry.action: is no action")
        }
        var reasons: [GrantReason] = []
        for element in json["reasons"]?.arrayValue ?? [] { reasons.append(try GrantReason(json: element)) }
        var marks: Set<RiskMark> = []
        for element in json["marks"]?.arrayValue ?? [] {
            guard let mark = element.stringValue.flatMap(RiskMark.init(rawValue:)) else {
                throw PlanFormatError("entry.marks: is no mark")
            }
            marks.insert(mark)
        }
        self.init(
            key: GrantKey(
                person: try reader.text("person"),
                name: RoleName(system: try reader.text("system"), role: try reader.text("role")),
                scope: scope),
            action: action, unit: json["unit"]?.stringValue, before: try reader.grant("before"), after: try reader.grant("after"),
            reasons: reasons, cause: try json["cause"].map { value throws(PlanFormatError) in try RevocationCause(json: value) },
            block: try json["block"].map { value throws(PlanFormatError) in try BlockReason(json: value) }, marks: marks,
            isStaff: json["isStaff"] == .bool(true), id: try reader.text("id"),
            waitsFor: json["waitsFor"] == nil ? [] : try reader.texts("waitsFor"))
    }
}

extension GrantReason {
    /// The reason as JSON.
    public var json: JSONValue {
        PlanJSON.object([
            "rule": .string(self.rule), "file": PlanJSON.text(self.place?.file),
            "line": self.place.map { .integer(Int64($0.line)) } ?? .null,
            "column": self.place.map { .integer(Int64($0.column)) } ?? .null, "source": .string(self.source.description),
            "duty": PlanJSON.text(self.duty), "first": PlanJSON.text(self.first?.description),
            "last": PlanJSON.text(self.last?.description),
        ])
    }

    init(json: JSONValue) throws(PlanFormatError) {
        let reader = PlanJSON(json, "reason")
        var place: RulePlace?
        if let file = json["file"]?.stringValue, let line = json["line"]?.integerValue {
            place = RulePlace(file: file, line: Int(line), column: Int(json["column"]?.integerValue ?? 1))
        }
        self.init(
            rule: try reader.text("rule"), place: place, source: try reader.key("source"), duty: json["duty"]?.stringValue,
            first: json["first"]?.stringValue.flatMap { CalendarDate($0) },
            last: json["last"]?.stringValue.flatMap { CalendarDate($0) })
    }
}

extension BlockReason {
    /// The reason as JSON: `code` and `details`.
    public var json: JSONValue {
        ["code": .string(self.code), "details": .array(self.details.map(JSONValue.string))]
    }

    init(json: JSONValue) throws(PlanFormatError) {
        let details = (json["details"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard let reason = BlockReason(code: json["code"]?.stringValue ?? "", details: details) else {
            throw PlanFormatError("block: is no reason")
        }
        self = reason
    }
}

extension RevocationCause {
    /// The cause as JSON.
    public var json: JSONValue {
        switch self {
        case .noRule: ["code": "no-rule"]
        case .deceased: ["code": "deceased"]
        case .undone(let plan): ["code": "undone", "plan": .string(plan)]
        case .blocked(let reason): ["code": "blocked", "block": reason.json]
        case .ended(let key, let last):
            PlanJSON.object([
                "code": "ended", "source": .string(key.description), "last": PlanJSON.text(last?.description),
            ])
        }
    }

    init(json: JSONValue) throws(PlanFormatError) {
        switch json["code"]?.stringValue {
        case "no-rule": self = .noRule
        case "deceased": self = .deceased
        case "undone": self = .undone(try PlanJSON(json, "cause").text("plan"))
        case "blocked": self = .blocked(try BlockReason(json: json["block"] ?? .null))
        case "ended":
            self = .ended(try PlanJSON(json, "cause").key("source"), json["last"]?.stringValue.flatMap { CalendarDate($0) })
        default: throw PlanFormatError("cause: is no cause")
        }
    }
}

/// Reads the members of a stored plan.
struct PlanJSON {
    private let json: JSONValue
    private let place: String

    init(_ json: JSONValue, _ place: String) {
        self.json = json
        self.place = place
    }

    /// An object without what is null.
    static func object(_ members: [String: JSONValue]) -> JSONValue { .object(members.filter { !$0.value.isNull }) }

    static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// Nothing for an empty list.
    static func list(_ elements: [JSONValue]) -> JSONValue { elements.isEmpty ? .null : .array(elements) }

    func text(_ name: String) throws(PlanFormatError) -> String {
        guard let text = self.json[name]?.stringValue else { throw PlanFormatError("\(self.place).\(name): is no text") }
        return text
    }

    func texts(_ name: String) throws(PlanFormatError) -> [String] {
        guard let elements = self.json[name]?.arrayValue else { throw PlanFormatError("\(self.place).\(name): is no list") }
        return elements.compactMap(\.stringValue)
    }

    func date(_ name: String) throws(PlanFormatError) -> CalendarDate {
        guard let date = CalendarDate(try self.text(name)) else { throw PlanFormatError("\(self.place).\(name): is no day") }
        return date
    }

    func key(_ name: String) throws(PlanFormatError) -> RecordKey {
        let text = try self.text(name)
        guard let slash = text.firstIndex(of: "/"), let entity = Entity(rawValue: String(text[..<slash])) else {
            throw PlanFormatError("\(self.place).\(name): names no record")
        }
        return RecordKey(entity, String(text[text.index(after: slash)...]))
    }

    func grant(_ name: String) throws(PlanFormatError) -> RoleGrant? {
        guard let value = self.json[name] else { return nil }
        do { return try RoleGrant(json: value) } catch { throw PlanFormatError("\(self.place).\(name): \(error)") }
    }

    func entries(_ name: String) throws(PlanFormatError) -> [PlanEntry] {
        guard let elements = self.json[name]?.arrayValue else { throw PlanFormatError("\(self.place).\(name): is no list") }
        var entries: [PlanEntry] = []
        entries.reserveCapacity(elements.count)
        for element in elements { entries.append(try PlanEntry(json: element)) }
        return entries
    }
}
