import SchoolRecords

extension Evaluation {
    func holds(_ rule: WhenRule) -> Bool {
        // What counts as current can be different from rule to rule only when something is taken ahead.
        guard self.future == .withhold else { return self.allHold(rule) }
        return self.shared(rule.sharedPlace) { self.allHold(rule) ? .made(true) : nil } != nil
    }

    private func allHold(_ rule: WhenRule) -> Bool {
        for part in rule.parts {
            guard self.holds(part.condition) else {
                self.trace?.because("when", part.text, part.position)
                return false
            }
        }
        return true
    }

    /// - Parameter element: what paths from the record's root begin at instead, in a filter.
    func holds(_ conditions: [Condition], on element: JSONPlace? = nil) -> Bool {
        for condition in conditions where !self.holds(condition, on: element) { return false }
        return true
    }

    private func holds(_ condition: Condition, on element: JSONPlace? = nil) -> Bool {
        switch condition {
        case .all(let parts): return self.holds(parts, on: element)
        case .any(let parts): return self.holds(any: parts, on: element)
        case .not(let part):
            // What isn't there yet isn't there: nothing is made because of it ahead of its day.
            let future = self.future
            self.future = .withhold
            let holds = self.holds(part, on: element)
            self.future = future
            return !holds
        case .holdsText(let path, let match, let other):
            guard let text = self.first(path, on: element)?.text else { return false }
            switch match {
            case .beginning: return text.hasPrefix(other)
            case .end: return text.hasSuffix(other)
            case .anywhere: return text.contains(other)
            }
        case .exists(let path): return self.first(path, on: element).map { !$0.isEmptyText } ?? false
        case .isIn(let path, let texts): return self.first(path, on: element)?.text.map(texts.contains) ?? false
        case .compare(let path, let comparison, .text(let other)):
            // The commonest condition by far: a field of the element is, or isn't, a word.
            if comparison == .equal || comparison == .notEqual, let name = path.onlyMember,
                let isSame = (element ?? self.record).member(name)?.isString(other)
            {
                return isSame == (comparison == .equal)
            }
            return self.compare(self.first(path, on: element)?.text, comparison, other)
        case .compare(let path, let comparison, .day(let day)):
            return self.compare(self.first(path, on: element)?.text, comparison, self.text(of: day))
        case .period(let path, let period, let day):
            if path.isHere, let element, element.isObject { return self.holds(period, day, of: element) }
            guard let value = self.first(path, on: element) else { return false }
            if case .place(let place) = value { return self.holds(period, day, of: place) }
            return period == .current
        }
    }

    /// One part that holds decides, whatever another can't tell yet.
    private func holds(any parts: [Condition], on element: JSONPlace?) -> Bool {
        let wasBlocked = self.isBlocked
        var isOpen = false
        let held = self.heldUntil
        for part in parts {
            self.isBlocked = false
            if self.holds(part, on: element), !self.isBlocked {
                self.isBlocked = wasBlocked
                return true
            }
            self.heldUntil = held
            isOpen = isOpen || self.isBlocked
        }
        self.isBlocked = wasBlocked || isOpen
        return false
    }

    private func holds(_ period: Condition.Period, _ day: RelativeDay, of place: JSONPlace) -> Bool {
        let date = self.text(of: day)
        switch period {
        case .ended: return Self.isOver(place, on: date)
        case .upcoming: return Self.start(of: place, after: date) != nil
        case .current:
            if Self.isOver(place, on: date) { return false }
            guard let start = Self.start(of: place, after: date) else { return true }
            return day == .today && self.takesAhead(start)
        }
    }

    private static let startDate = JSONName("startDate")
    private static let endDate = JSONName("endDate")

    private static func isOver(_ place: JSONPlace, on date: String) -> Bool {
        guard let end = place.member(Self.endDate) else { return false }
        if let order = end.order(toDay: date) { return order < 0 }
        return end.string.map { Self.day(of: $0) < date } ?? false
    }

    private static func start(of place: JSONPlace, after date: String) -> String? {
        guard let place = place.member(Self.startDate) else { return nil }
        if let order = place.order(toDay: date), order <= 0 { return nil }
        guard let start = place.string else { return nil }
        let day = Self.day(of: start)
        return day > date ? day : nil
    }

    /// A date without the time that may stand after it.
    private static func day(of text: String) -> String { text.utf8.count <= 10 ? text : String(text.prefix(10)) }

    private func text(of day: RelativeDay) -> String {
        day == .today ? self.todayText : day.date(on: self.today).description
    }

    /// Whether what begins after today counts as current all the same; notes the day for what is held.
    private func takesAhead(_ start: String) -> Bool {
        switch self.future {
        case .withhold: return false
        case .send(let days): return start <= self.today.adding(days: days).description
        case .hold:
            guard CalendarDate(start) != nil else { return false }
            self.heldUntil = max(self.heldUntil ?? "", start)
            return true
        }
    }

    private func compare(_ text: String?, _ comparison: Condition.Comparison, _ other: String) -> Bool {
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

    private func first(_ path: RecordPath, on element: JSONPlace?) -> Found? {
        // Most paths in conditions name one field of what is at hand.
        let start = element ?? self.record
        if let name = path.onlyMember, self.trace == nil, start.isObject {
            guard let member = start.member(name) else { return nil }
            switch member.kind {
            case .null: return nil
            case .scalar, .object: return .place(member)
            case .array: break
            }
        }
        var harvest = Harvest(.first)
        if let element, case .record = path.root {
            let trail = self.trace?.begin(path.root)
            _ = self.walk(element, path, 0, &harvest)
            if let trail { self.trace?.restore(trail) }
        } else {
            self.walk(path, &harvest)
        }
        return harvest.found
    }
}
