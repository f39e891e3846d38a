import SchoolRecords

/// One application of a mapping to one record: what is bound to names, what was looked at, and whether the way on is
/// blocked by a record that isn't at hand.
final class Evaluation {
    let frame: MappingFrame
    let record: JSONValue
    let today: CalendarDate
    private let todayText: String
    private let lookedUp: [RecordKey: LookedUp]
    private var slots: [JSONValue?]
    private var blockedSlots: Set<Int> = []

    /// Set when something had to be left open; whoever cares clears it beforehand.
    var isBlocked = false
    private(set) var needs: Set<RecordKey> = []
    private(set) var references: Set<RecordKey> = []
    private(set) var missing: Set<RecordKey> = []
    private(set) var withheld: Set<RecordKey> = []

    init(_ frame: MappingFrame, record: JSONValue, today: CalendarDate, lookedUp: [RecordKey: LookedUp]) {
        self.frame = frame
        self.record = record
        self.today = today
        self.todayText = today.description
        self.lookedUp = lookedUp
        self.slots = Array(repeating: nil, count: frame.slotCount)
    }

    func bind(_ slot: Int, _ value: JSONValue?, isBlocked: Bool = false) {
        self.slots[slot] = value
        if isBlocked { self.blockedSlots.insert(slot) }
    }

    /// Runs `body` for each value at the end of a path, until it answers `true`.
    ///
    /// - Parameter all: go on past elements whose way is blocked; otherwise the first blocked one ends it.
    func visit(
        _ path: RecordPath, all: Bool, _ body: (JSONValue) throws(MappingFailure) -> Bool
    ) throws(MappingFailure) {
        switch path.root {
        case .record: _ = try self.visit(self.record, path.steps, 0, all, body)
        case .slot(let slot):
            if self.blockedSlots.contains(slot) {
                self.isBlocked = true
            } else if let value = self.slots[slot] {
                _ = try self.visit(value, path.steps, 0, all, body)
            }
        }
    }

    private func visit(
        _ value: JSONValue, _ steps: [RecordPath.Step], _ index: Int, _ all: Bool,
        _ body: (JSONValue) throws(MappingFailure) -> Bool
    ) throws(MappingFailure) -> Bool {
        guard index < steps.count else {
            switch value {
            case .null: return false
            case .array(let elements):
                for element in elements where element != .null {
                    if try body(element) { return true }
                }
                return false
            default: return try body(value)
            }
        }
        switch steps[index] {
        case .member(let name):
            switch value {
            case .object(let members):
                guard let member = members[name] else { return false }
                return try self.visit(member, steps, index + 1, all, body)
            case .array(let elements): return try self.visit(each: elements, steps, index, all, body)
            default: return false
            }
        case .index(let position):
            guard case .array(let elements) = value, position < elements.count else { return false }
            return try self.visit(elements[position], steps, index + 1, all, body)
        case .filter(let conditions):
            switch value {
            case .object: return try self.visit(value, if: conditions, steps, index, all, body)
            case .array(let elements):
                for element in elements {
                    if try self.visit(element, if: conditions, steps, index, all, body) { return true }
                }
                return false
            default: return false
            }
        case .follow(let entity):
            switch value {
            case .object(let members):
                guard case .string(let id)? = members["id"] else { return false }
                guard let found = self.follow(RecordKey(entity, id)) else { return !all }
                return try self.visit(found, steps, index + 1, all, body)
            case .array(let elements): return try self.visit(each: elements, steps, index, all, body)
            default: return false
            }
        }
    }

    private func visit(
        each elements: [JSONValue], _ steps: [RecordPath.Step], _ index: Int, _ all: Bool,
        _ body: (JSONValue) throws(MappingFailure) -> Bool
    ) throws(MappingFailure) -> Bool {
        for element in elements {
            if try self.visit(element, steps, index, all, body) { return true }
        }
        return false
    }

    /// Goes on from an element that the conditions hold for. Whether they do can itself depend on a record that isn't
    /// at hand: then the element is passed over, or ends the visit.
    private func visit(
        _ element: JSONValue, if conditions: [Condition], _ steps: [RecordPath.Step], _ index: Int, _ all: Bool,
        _ body: (JSONValue) throws(MappingFailure) -> Bool
    ) throws(MappingFailure) -> Bool {
        let wasBlocked = self.isBlocked
        self.isBlocked = false
        let holds = try self.holds(conditions, on: element)
        if self.isBlocked { return !all }
        self.isBlocked = wasBlocked
        return holds ? try self.visit(element, steps, index + 1, all, body) : false
    }

    private func follow(_ key: RecordKey) -> JSONValue? {
        self.references.insert(key)
        switch self.lookedUp[key] {
        case .found(let record): return record
        case .withheld: self.withheld.insert(key)
        case .missing: self.missing.insert(key)
        case nil: self.needs.insert(key)
        }
        self.isBlocked = true
        return nil
    }

    // MARK: Conditions

    func holds(_ conditions: [Condition], on element: JSONValue? = nil) throws(MappingFailure) -> Bool {
        for condition in conditions {
            guard try self.holds(condition, on: element) else { return false }
        }
        return true
    }

    /// - Parameter element: what paths from the record's root begin at instead, in a filter.
    func holds(_ condition: Condition, on element: JSONValue? = nil) throws(MappingFailure) -> Bool {
        switch condition {
        case .all(let parts): return try self.holds(parts, on: element)
        case .any(let parts):
            // One part that holds decides, whatever another can't tell yet.
            let wasBlocked = self.isBlocked
            var isOpen = false
            for part in parts {
                self.isBlocked = false
                if try self.holds(part, on: element), !self.isBlocked {
                    self.isBlocked = wasBlocked
                    return true
                }
                isOpen = isOpen || self.isBlocked
            }
            self.isBlocked = wasBlocked || isOpen
            return false
        case .not(let part): return try !self.holds(part, on: element)
        case .exists(let path): return try self.first(path, on: element).map { $0 != "" } ?? false
        case .isIn(let path, let texts):
            return try self.first(path, on: element).flatMap(Self.text).map(texts.contains) ?? false
        case .compare(let path, let comparison, let operand):
            let text = try self.first(path, on: element).flatMap(Self.text)
            return self.compare(text, comparison, operand)
        case .current(let path):
            guard let value = try self.first(path, on: element) else { return false }
            if case .string(let start)? = value["startDate"], start.prefix(10) > self.todayText { return false }
            if case .string(let end)? = value["endDate"], end.prefix(10) < self.todayText { return false }
            return true
        }
    }

    private func compare(_ text: String?, _ comparison: Condition.Comparison, _ operand: Condition.Operand) -> Bool {
        let other =
            switch operand {
            case .text(let text): text
            case .today: self.todayText
            }
        guard let text else { return comparison == .notEqual }
        switch comparison {
        case .equal: return text == other
        case .notEqual: return text != other
        default: break
        }
        if let left = Int64(text), let right = Int64(other) { return Self.order(left, comparison, right) }
        return Self.order(text, comparison, other)
    }

    private static func order<Value: Comparable>(_ left: Value, _ comparison: Condition.Comparison, _ right: Value) -> Bool {
        switch comparison {
        case .less: left < right
        case .atMost: left <= right
        case .greater: left > right
        case .atLeast: left >= right
        case .equal: left == right
        case .notEqual: left != right
        }
    }

    private func first(_ path: RecordPath, on element: JSONValue?) throws(MappingFailure) -> JSONValue? {
        // Most paths in conditions name one field of what is at hand.
        if case .record = path.root, path.steps.count == 1, case .member(let name) = path.steps[0],
            case .object(let members) = element ?? self.record
        {
            guard let member = members[name], member != .null else { return nil }
            if case .array(let elements) = member { return elements.first { $0 != .null } }
            return member
        }
        var found: JSONValue?
        if let element, case .record = path.root {
            _ = try self.visit(element, path.steps, 0, false) { value throws(MappingFailure) in
                found = value
                return true
            }
        } else {
            try self.visit(path, all: false) { value throws(MappingFailure) in
                found = value
                return true
            }
        }
        return found
    }

    /// A scalar as text; `nil` for what is none, and for an empty text.
    static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .integer(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .number(let value): "\(value)"
        case .null, .array, .object: nil
        }
    }
}
