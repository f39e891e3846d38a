import SchoolRecords

/// One application of a mapping to one record: what is bound to names, what was looked at, and whether the way on is
/// blocked by a record that isn't at hand.
final class Evaluation {
    let frame: MappingFrame
    let record: JSONPlace
    /// Keeps what ``record`` looks into.
    private let document: JSONDocument
    let today: CalendarDate
    let todayText: String
    /// What ended a walk before its time.
    @exclusivity(unchecked) private var failure: MappingFailure?
    /// What several rules use, as far as it is known, with its place.
    @exclusivity(unchecked) private var shared: [(place: Int, value: Found?)] = []
    /// Who explains a record wants to see how each value comes about, who counts codes each time one is looked up.
    private let isSharing: Bool
    /// Keeps what ``followed`` looks into.
    private let lookedUp: [RecordKey: LookedUp]
    @exclusivity(unchecked) private var slots: [Found?]
    @exclusivity(unchecked) private var blockedSlots: Set<Int> = []

    /// Set when something had to be left open; whoever cares clears it beforehand.
    @exclusivity(unchecked) var isBlocked = false
    /// How rows are made of what has yet to begin; inside of values nothing is taken ahead.
    @exclusivity(unchecked) var future = FuturePolicy.withhold
    /// The day before which what is being made isn't given.
    @exclusivity(unchecked) var heldUntil: String?
    @exclusivity(unchecked) private(set) var needs: Set<RecordKey> = []
    /// The other records that were found, each once, and where they begin.
    @exclusivity(unchecked) private var followed: [(key: RecordKey, root: JSONPlace)] = []
    @exclusivity(unchecked) private(set) var missing: Set<RecordKey> = []
    @exclusivity(unchecked) private(set) var withheld: Set<RecordKey> = []
    /// Told what happens, when somebody wants it explained.
    let trace: Trace?
    /// Told which codes were looked up, when somebody wants to know which are missing.
    let codes: CodeCount?

    init(
        _ frame: MappingFrame, record: JSONDocument, today: CalendarDate, lookedUp: [RecordKey: LookedUp], trace: Trace? = nil,
        codes: CodeCount? = nil
    ) {
        self.frame = frame
        self.trace = trace
        self.codes = codes
        self.document = record
        self.record = record.root
        self.today = today
        self.todayText = today.description
        self.lookedUp = lookedUp
        self.slots = frame.noSlots
        self.isSharing = trace == nil && codes == nil
    }

    var references: Set<RecordKey> {
        var keys = self.missing.union(self.withheld).union(self.needs)
        if keys.isEmpty { keys.reserveCapacity(self.followed.count) }
        for (key, _) in self.followed { keys.insert(key) }
        return keys
    }

    /// What is kept at a place, or `body` says and is kept then.
    func shared<Failure: Error>(
        _ place: Int?, _ body: () throws(Failure) -> Found?
    ) throws(Failure) -> Found? {
        guard let place, self.isSharing else { return try body() }
        for known in self.shared where known.place == place { return known.value }
        let value = try body()
        if self.shared.isEmpty { self.shared.reserveCapacity(self.frame.sharedCount) }
        self.shared.append((place, value))
        return value
    }

    func bind(_ slot: Int, _ value: Found?, isBlocked: Bool = false) {
        self.slots[slot] = value
        if isBlocked { self.blockedSlots.insert(slot) }
    }

    /// Walks along a path and gathers the values at its end.
    func walk(_ path: RecordPath, _ harvest: inout Harvest) {
        let trail = self.trace?.begin(path.root)
        switch path.root {
        case .record: _ = self.walk(self.record, path, 0, &harvest)
        case .slot(let slot):
            if self.blockedSlots.contains(slot) {
                self.isBlocked = true
            } else if case .place(let place)? = self.slots[slot] {
                _ = self.walk(place, path, 0, &harvest)
            } else if let value = self.slots[slot], path.way.isEmpty {
                _ = self.take(value, &harvest)
            }
        }
        if let trail { self.trace?.restore(trail) }
    }

    /// The same from a value at hand, from one of the steps on. Returns whether it is enough.
    func walk(_ start: JSONPlace, _ path: RecordPath, _ first: Int, _ harvest: inout Harvest) -> Bool {
        var place = start
        var index = first
        while index < path.kinds.count, path.kinds[index] == .member, place.isObject {
            guard let member = place.member(path.codes[index], path.way[index].name.text) else {
                self.leave(index - first)
                return false
            }
            self.trace?.enter(".\(path.way[index].name.text)")
            place = member
            index += 1
        }
        let isEnough =
            index < path.kinds.count ? self.branch(place, path, index, &harvest) : self.gather(place, &harvest)
        self.leave(index - first)
        return isEnough
    }

    private func leave(_ depth: Int) {
        guard let trace = self.trace else { return }
        for _ in 0..<depth { trace.leave() }
    }

    /// Goes on where a path isn't just a field of an object.
    private func branch(_ place: JSONPlace, _ path: RecordPath, _ index: Int, _ harvest: inout Harvest) -> Bool {
        let kind = path.kinds[index]
        switch place.kind {
        case .object:
            switch kind {
            case .filter: return self.walk(place, path, if: index, &harvest)
            case .follow: return self.follow(place, path, index, &harvest)
            case .index, .member: return false
            }
        case .array:
            let only = kind == .index ? path.way[index].index : nil
            var element = place.first
            for position in 0..<place.count {
                guard let here = element else { break }
                element = here.next
                if let only, only != position { continue }
                self.trace?.enter("[\(position)]")
                let isEnough =
                    switch kind {
                    case .filter: self.walk(here, path, if: index, &harvest)
                    case .index: self.walk(here, path, index + 1, &harvest)
                    case .member, .follow: self.walk(here, path, index, &harvest)
                    }
                self.trace?.leave()
                if isEnough { return true }
            }
            return false
        case .null, .scalar: return false
        }
    }

    /// Goes on in the record that a reference points to.
    private func follow(_ place: JSONPlace, _ path: RecordPath, _ index: Int, _ harvest: inout Harvest) -> Bool {
        guard let id = place.member(path.codes[index], path.way[index].name.text)?.string else { return false }
        let key = RecordKey(path.way[index].entity, id)
        guard let found = self.follow(key) else { return !harvest.passesBlocked }
        self.trace?.enter("->\(key)")
        let isEnough = self.walk(found, path, index + 1, &harvest)
        self.trace?.leave()
        return isEnough
    }

    /// Goes on from an element that the conditions of a step hold for. Whether they do can itself depend on a record that
    /// isn't at hand: then the element is passed over, or ends the walk.
    private func walk(_ element: JSONPlace, _ path: RecordPath, if filter: Int, _ harvest: inout Harvest) -> Bool {
        let wasBlocked = self.isBlocked
        self.isBlocked = false
        let held = self.heldUntil
        let holds = self.holds(path.way[filter].conditions, on: element)
        if self.isBlocked {
            self.heldUntil = held
            return !harvest.passesBlocked
        }
        self.isBlocked = wasBlocked
        let isEnough = holds && self.walk(element, path, filter + 1, &harvest)
        self.heldUntil = held
        return isEnough
    }

    /// Takes what stands at the end of a path: a value, or each of a list.
    private func gather(_ place: JSONPlace, _ harvest: inout Harvest) -> Bool {
        switch place.kind {
        case .null: return false
        case .scalar, .object: return self.take(.place(place), &harvest)
        case .array:
            var element = place.first
            for position in 0..<place.count {
                guard let here = element else { break }
                element = here.next
                if here.isNull { continue }
                self.trace?.enter("[\(position)]")
                let isEnough = self.take(.place(here), &harvest)
                self.trace?.leave()
                if isEnough { return true }
            }
            return false
        }
    }

    private func take(_ value: Found, _ harvest: inout Harvest) -> Bool {
        switch harvest.purpose {
        case .first:
            harvest.found = value
            return true
        case .elements:
            harvest.list?.elements.append(.init(value: value, place: self.trace?.place, heldUntil: self.heldUntil))
            return false
        case .count:
            self.trace?.found()
            harvest.count += 1
            return false
        case .refined, .firstText, .texts:
            self.trace?.found()
            guard let expression = harvest.expression else { return true }
            do throws(MappingFailure) { return try self.take(value, expression, &harvest) } catch {
                self.failure = error
                return true
            }
        }
    }

    private func take(_ value: Found, _ expression: Expression, _ harvest: inout Harvest) throws(MappingFailure) -> Bool {
        if harvest.purpose == .refined {
            harvest.found = try self.refined(value, expression)
            return harvest.found != nil
        }
        try self.checkScalar(value, expression)
        if let text = value.text { harvest.list?.texts.append(text) }
        return harvest.purpose == .firstText && harvest.list?.texts.isEmpty == false
    }

    private func follow(_ key: RecordKey) -> JSONPlace? {
        for earlier in self.followed where earlier.key == key { return earlier.root }
        let found = self.lookedUp[key]
        if case .found(let record)? = found {
            if self.followed.isEmpty { self.followed.reserveCapacity(4) }
            self.followed.append((key, record.root))
            return record.root
        }
        switch found {
        case .withheld: self.withheld.insert(key)
        case .missing: self.missing.insert(key)
        case .found, nil: self.needs.insert(key)
        }
        self.isBlocked = true
        self.trace?.blocked(by: key, isWithheld: self.withheld.contains(key))
        return nil
    }

    /// Gathers the values at the end of a path.
    func harvest(
        _ purpose: Harvest.Purpose, _ path: RecordPath, for expression: Expression? = nil
    ) throws(MappingFailure) -> Harvest {
        var harvest = Harvest(purpose, for: expression)
        self.walk(path, &harvest)
        if let failure = self.failure { throw failure }
        return harvest
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
