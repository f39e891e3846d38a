import SchoolRecords

extension Evaluation {
    func holds(_ rule: WhenRule) throws(MappingFailure) -> Bool {
        for part in rule.parts {
            guard try self.holds(part.condition) else {
                self.trace?.because("when", part.text, part.position)
                return false
            }
        }
        return true
    }

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
            let held = self.heldUntil
            for part in parts {
                self.isBlocked = false
                if try self.holds(part, on: element), !self.isBlocked {
                    self.isBlocked = wasBlocked
                    return true
                }
                self.heldUntil = held
                isOpen = isOpen || self.isBlocked
            }
            self.isBlocked = wasBlocked || isOpen
            return false
        case .not(let part):
            // What isn't there yet isn't there: nothing is made because of it ahead of its day.
            let future = self.future
            self.future = .withhold
            let holds = try self.holds(part, on: element)
            self.future = future
            return !holds
        case .holdsText(let path, let match, let other):
            guard let text = try self.first(path, on: element).flatMap(Self.text) else { return false }
            switch match {
            case .beginning: return text.hasPrefix(other)
            case .end: return text.hasSuffix(other)
            case .anywhere: return text.contains(other)
            }
        case .exists(let path): return try self.first(path, on: element).map { $0 != "" } ?? false
        case .isIn(let path, let texts):
            return try self.first(path, on: element).flatMap(Self.text).map(texts.contains) ?? false
        case .compare(let path, let comparison, let operand):
            // The commonest filter by far: a field of the element is, or isn't, a word.
            if case .text(let other) = operand, comparison == .equal || comparison == .notEqual, let name = path.onlyMember,
                case .object(let members) = element ?? self.record, case .string(let text)? = members[name]
            {
                return (text == other && !text.isEmpty) == (comparison == .equal)
            }
            let text = try self.first(path, on: element).flatMap(Self.text)
            return self.compare(text, comparison, operand)
        case .period(let path, let period, let day):
            guard let value = try self.first(path, on: element) else { return false }
            let date = day == .today ? self.todayText : self.text(of: day)
            var isOver = false
            if case .string(let end)? = value["endDate"] { isOver = end.prefix(10) < date }
            var ahead: Substring?
            if case .string(let start)? = value["startDate"], start.prefix(10) > date { ahead = start.prefix(10) }
            switch period {
            case .ended: return isOver
            case .upcoming: return ahead != nil
            case .current:
                if isOver { return false }
                guard let ahead else { return true }
                return day == .today && self.takesAhead(ahead)
            }
        }
    }

    private func text(of day: RelativeDay) -> String { day.date(on: self.today).description }

    /// Whether what begins after today counts as current all the same; notes the day for what is held.
    private func takesAhead(_ start: Substring) -> Bool {
        switch self.future {
        case .withhold: return false
        case .send(let days): return start <= self.today.adding(days: days).description
        case .hold:
            guard CalendarDate(start) != nil else { return false }
            self.heldUntil = max(self.heldUntil ?? "", String(start))
            return true
        }
    }

    private func compare(_ text: String?, _ comparison: Condition.Comparison, _ operand: Condition.Operand) -> Bool {
        let other =
            switch operand {
            case .text(let text): text
            case .day(let day): self.text(of: day)
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
        if let name = path.onlyMember, case .object(let members) = element ?? self.record {
            guard let member = members[name], !member.isNull else { return nil }
            if case .array(let elements) = member { return elements.first { !$0.isNull } }
            return member
        }
        var found: JSONValue?
        if let element, case .record = path.root {
            let trail = self.trace?.begin(path.root)
            defer { if let trail { self.trace?.restore(trail) } }
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
}
