import SchoolRecords

/// What becomes of the staff at a term start, by person.
public struct StaffChanges: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Begins in a week.
        case beginner
        /// Has begun, and one system has no account for them.
        case withoutAccount = "without-account"
        /// Begins with a title code that is in nobody's table.
        case unknownTitle = "unknown-title"
        /// A substitute of ten days.
        case substitute
        /// The duty ended long ago, and is told of only now.
        case leaver
        /// A teacher who becomes a librarian at the same school.
        case otherDuty = "other-duty"
        /// A teacher whose duty ended at one school and has begun at another.
        case mover
        /// A head who gets a second school.
        case headOfTwo = "head-of-two"
        /// A teacher who administers the school as well.
        case administrator
    }

    public var persons: [Kind: [String]] = [:]
    /// Person → the school where the change puts them.
    public var schools: [String: String] = [:]

    mutating func add(_ kind: Kind, _ person: String, at school: String) {
        self.persons[kind, default: []].append(person)
        self.schools[person] = school
    }
}

extension EdlevoStandIn {
    /// Term start for the staff: so many changes of each kind, as far as there are people for them. Nobody is in two of them.
    ///
    /// - Throws: ``StandInError`` when a record can't be kept, or there is nobody to change.
    public func newTermOfStaff(each count: Int) throws(StandInError) -> StaffChanges {
        var draw = self.draw()
        var changes = StaffChanges()
        let duties = self.documents(of: .duty) { _ in true }
        let schools = self.documents(of: .organisation) { $0.contains("\"organisationType\":\"Skola\"") }
            .compactMap { $0["id"]?.stringValue }.sorted()
        guard schools.count > 1 else { throw StandInError(.notFound, "there are not two schools to work at") }
        for kind in [StaffChanges.Kind.beginner, .withoutAccount, .unknownTitle, .substitute] {
            for _ in 0..<count {
                let school = draw.pick(schools)
                let person = try self.newColleague(&draw)
                let code = kind == .unknownTitle ? "9998" : "2752"
                switch kind {
                case .substitute: try self.employ(person, code, at: school, from: -2, to: 8, &draw)
                case .unknownTitle, .withoutAccount: try self.employ(person, code, at: school, from: 0, &draw)
                default: try self.employ(person, code, at: school, from: 7, &draw)
                }
                changes.add(kind, person, at: school)
            }
        }
        let single = self.only(of: duties, at: Set(schools))
        func some(_ role: JSONValue) -> [JSONValue] {
            let own = single.filter { $0["dutyRole"] == role }
            return draw.shuffled(Array(own.indices)).map { own[$0] }
        }
        var teachers = some("Lärare")
        for kind in [StaffChanges.Kind.leaver, .otherDuty, .mover, .administrator] {
            for _ in 0..<min(count, teachers.count) {
                let duty = teachers.removeLast()
                try self.change(kind, duty, schools, &changes, &draw)
            }
        }
        for duty in some("Rektor").prefix(count) {
            try self.change(.headOfTwo, duty, schools, &changes, &draw)
        }
        return changes
    }

    /// The duties of unprotected persons who have no other one, that have begun and have no end.
    private func only(of duties: [JSONValue], at schools: Set<String>) -> [JSONValue] {
        var byPerson: [String: [JSONValue]] = [:]
        for duty in duties { byPerson[duty["person"]?["id"]?.stringValue ?? "", default: []].append(duty) }
        let today = self.today.text
        var found: [(id: String, duty: JSONValue)] = []
        for (person, own) in byPerson {
            guard own.count == 1, let duty = own.first, duty["endDate"] == nil, self.isPlain(person),
                let start = duty["startDate"]?.stringValue, start < today, let id = duty["id"]?.stringValue,
                let school = duty["dutyAt"]?["id"]?.stringValue, schools.contains(school)
            else { continue }
            found.append((id, duty))
        }
        return found.sorted { $0.id < $1.id }.map(\.duty)
    }

    private func change(
        _ kind: StaffChanges.Kind, _ duty: JSONValue, _ schools: [String], _ changes: inout StaffChanges,
        _ draw: inout SeededGenerator
    ) throws(StandInError) {
        guard let person = duty["person"]?["id"]?.stringValue, let school = duty["dutyAt"]?["id"]?.stringValue else { return }
        let other = draw.pick(schools.filter { $0 != school })
        var (change, duty) = (SourceChange(), duty)
        switch kind {
        case .leaver, .mover:
            duty["endDate"] = .string((self.today - 40).text)
            try self.keep(.duty, duty, &change)
        case .otherDuty:
            let title = EmploymentTitle(code: "2253")
            duty["dutyRole"] = .string(title.dutyRole)
            duty["description"] = .string(title.description)
            duty["assignmentRole"] = []
            try self.keep(.duty, duty, &change)
        default: break
        }
        switch kind {
        case .mover: try self.employ(person, "2752", at: other, from: 0, &draw)
        case .headOfTwo: try self.employ(person, "2070", at: other, from: 0, &draw)
        case .administrator: try self.employ(person, "2720", at: school, from: 0, &draw)
        default: break
        }
        changes.add(kind, person, at: kind == .mover || kind == .headOfTwo ? other : school)
    }

    private func newColleague(_ draw: inout SeededGenerator) throws(StandInError) -> String {
        var person = self.newPerson(birth: self.today - (25 * 365 + draw.below(12_000)), &draw)
        person["emails"] = [
            [
                "value": .string("ny\(draw.uuid().prefix(8))@skola.\(MunicipalityBuilder.domain)"), "type": "Skola personal",
            ]
        ]
        var change = SourceChange()
        return try self.keep(.person, person, &change).id
    }

    /// - Parameters:
    ///   - first: days from today.
    ///   - last: the same; `nil` = without end.
    private func employ(
        _ person: String, _ titleCode: String, at school: String, from first: Int, to last: Int? = nil,
        _ draw: inout SeededGenerator
    ) throws(StandInError) {
        let title = EmploymentTitle(code: titleCode)
        var duty: JSONValue = [
            "id": .string(draw.uuid()), "person": ["id": .string(person)], "dutyAt": ["id": .string(school)],
            "assignmentRole": [], "dutyRole": .string(title.dutyRole), "description": .string(title.description),
            "signature": .string("T\(draw.below(100_000))"), "dutyPercent": 50, "startDate": .string((self.today + first).text),
        ]
        if let last { duty["endDate"] = .string((self.today + last).text) }
        var change = SourceChange()
        try self.keep(.duty, duty, &change)
    }
}
