import SchoolRecords

/// One application of a mapping to one record: what is bound to names, what was looked at, and whether the way on is
/// blocked by a record that isn't at hand.
final class Evaluation {
    let frame: MappingFrame
    let record: JSONValue
    let today: CalendarDate
    let todayText: String
    private let lookedUp: [RecordKey: LookedUp]
    private var slots: [JSONValue?]
    private var blockedSlots: Set<Int> = []

    /// Set when something had to be left open; whoever cares clears it beforehand.
    var isBlocked = false
    /// How rows are made of what has yet to begin; inside of values nothing is taken ahead.
    var future = FuturePolicy.withhold
    /// The day before which what is being made isn't given.
    var heldUntil: String?
    private(set) var needs: Set<RecordKey> = []
    private(set) var references: Set<RecordKey> = []
    private(set) var missing: Set<RecordKey> = []
    private(set) var withheld: Set<RecordKey> = []
    /// Told what happens, when somebody wants it explained.
    let trace: Trace?
    /// Told which codes were looked up, when somebody wants to know which are missing.
    let codes: CodeCount?

    init(
        _ frame: MappingFrame, record: JSONValue, today: CalendarDate, lookedUp: [RecordKey: LookedUp], trace: Trace? = nil,
        codes: CodeCount? = nil
    ) {
        self.frame = frame
        self.trace = trace
        self.codes = codes
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
        let trail = self.trace?.begin(path.root)
        switch path.root {
        case .record: _ = try self.visit(self.record, path.steps, 0, all, body)
        case .slot(let slot):
            if self.blockedSlots.contains(slot) {
                self.isBlocked = true
            } else if let value = self.slots[slot] {
                _ = try self.visit(value, path.steps, 0, all, body)
            }
        }
        if let trail { self.trace?.restore(trail) }
    }

    /// The same from a value at hand, beginning with one of the steps. Returns whether `body` has ended it.
    func visit(
        _ value: JSONValue, _ steps: [RecordPath.Step], _ index: Int, _ all: Bool,
        _ body: (JSONValue) throws(MappingFailure) -> Bool
    ) throws(MappingFailure) -> Bool {
        guard index < steps.count else {
            switch value {
            case .null: return false
            case .array(let elements):
                for (position, element) in elements.enumerated() where !element.isNull {
                    self.trace?.enter("[\(position)]")
                    let isDone = try body(element)
                    self.trace?.leave()
                    if isDone { return true }
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
                self.trace?.enter(".\(name)")
                let isDone = try self.visit(member, steps, index + 1, all, body)
                self.trace?.leave()
                return isDone
            case .array(let elements): return try self.visit(each: elements, steps, index, all, body)
            default: return false
            }
        case .index(let position):
            guard case .array(let elements) = value, position < elements.count else { return false }
            self.trace?.enter("[\(position)]")
            let isDone = try self.visit(elements[position], steps, index + 1, all, body)
            self.trace?.leave()
            return isDone
        case .filter(let conditions):
            switch value {
            case .object: return try self.visit(value, if: conditions, steps, index, all, body)
            case .array(let elements):
                for (position, element) in elements.enumerated() {
                    self.trace?.enter("[\(position)]")
                    let isDone = try self.visit(element, if: conditions, steps, index, all, body)
                    self.trace?.leave()
                    if isDone { return true }
                }
                return false
            default: return false
            }
        case .follow(let entity):
            switch value {
            case .object(let members):
                guard case .string(let id)? = members["id"] else { return false }
                guard let found = self.follow(RecordKey(entity, id)) else { return !all }
                self.trace?.enter("->\(entity.rawValue)/\(id)")
                let isDone = try self.visit(found, steps, index + 1, all, body)
                self.trace?.leave()
                return isDone
            case .array(let elements): return try self.visit(each: elements, steps, index, all, body)
            default: return false
            }
        }
    }

    private func visit(
        each elements: [JSONValue], _ steps: [RecordPath.Step], _ index: Int, _ all: Bool,
        _ body: (JSONValue) throws(MappingFailure) -> Bool
    ) throws(MappingFailure) -> Bool {
        for (position, element) in elements.enumerated() {
            self.trace?.enter("[\(position)]")
            let isDone = try self.visit(element, steps, index, all, body)
            self.trace?.leave()
            if isDone { return true }
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
        let held = self.heldUntil
        let holds = try self.holds(conditions, on: element)
        if self.isBlocked {
            self.heldUntil = held
            return !all
        }
        self.isBlocked = wasBlocked
        let isDone = holds ? try self.visit(element, steps, index + 1, all, body) : false
        self.heldUntil = held
        return isDone
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
        self.trace?.blocked(by: key, isWithheld: self.withheld.contains(key))
        return nil
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
