public import SchoolRecords

/// What a step of the story changed in the source.
public struct SourceChange: Sendable, Hashable {
    /// Records added or changed, in the order of the changes.
    public var upserted: [RecordKey] = []
    /// Records deleted.
    public var deleted: [RecordKey] = []
    /// The person it is about, when it is about one.
    public var person: RecordKey?

    /// Every record that was touched.
    public var all: [RecordKey] { self.upserted + self.deleted }
}

/// A day in a municipality, step by step. Where nobody is named, the seed chooses somebody unprotected who fits.
extension EdlevoStandIn {
    // MARK: Pupils

    /// A new pupil comes to a class, with a guardian who is new too.
    ///
    /// - Throws: ``StandInError`` when there is no class with pupils.
    public func enrolNewPupil() throws(StandInError) -> SourceChange {
        var draw = self.draw()
        let classmate = try self.somePupil(&draw)
        var classGroup = classmate.group
        guard let enrolments = classmate.person["enrolments"]?.arrayValue, let last = enrolments.last else {
            throw StandInError(.notFound, "the chosen classmate has no enrolment; choose another seed")
        }
        let birth = CalendarDay(classmate.person["birthDate"]?.stringValue ?? "") ?? self.today - 10 * 365
        var change = SourceChange()
        let guardian = self.newPerson(birth: birth - 30 * 365, &draw)
        var pupil = self.newPerson(birth: birth, &draw)
        pupil["emails"] = [
            ["value": .string("ny\(self.draws)@elev.\(MunicipalityBuilder.domain)"), "type": "Skola elev"]
        ]
        var enrolment = last
        enrolment["startDate"] = .string(self.today.text)
        enrolment["endDate"] = nil
        pupil["enrolments"] = [enrolment]
        pupil["responsibles"] = [
            ["person": ["id": guardian["id"] ?? .null], "relationType": .string("Vårdnadshavare")]
        ]
        try self.keep(.person, guardian, &change)
        change.person = try self.keep(.person, pupil, &change)
        Self.enter(pupil["id"], &classGroup, from: self.today)
        try self.keep(.group, classGroup, &change)
        return change
    }

    /// A pupil moves to another class of the same school, in the same year where there is one.
    ///
    /// - Throws: ``StandInError`` when no school has two classes.
    public func changeClass(of personID: String? = nil) throws(StandInError) -> SourceChange {
        var draw = self.draw()
        let classes = self.documents(of: .group) { $0.contains("\"groupType\":\"Klass\"") }
        for _ in 0..<200 {
            let pupil = try self.somePupil(&draw, personID)
            let others = classes.filter {
                $0["organisation"] == pupil.group["organisation"] && $0["id"] != pupil.group["id"]
            }
            let year = pupil.group["displayName"]?.stringValue?.prefix(1)
            let sameYear = others.filter { $0["displayName"]?.stringValue?.prefix(1) == year }
            guard var target = sameYear.isEmpty ? others.first : draw.pick(sameYear) else {
                if personID != nil { break }
                continue
            }
            var source = pupil.group
            Self.leave(pupil.person["id"], &source, lastDay: self.today - 1)
            Self.enter(pupil.person["id"], &target, from: self.today)
            var change = SourceChange()
            change.person = pupil.person["id"]?.stringValue.map { RecordKey(.person, $0) }
            try self.keep(.group, source, &change)
            try self.keep(.group, target, &change)
            return change
        }
        throw StandInError(.notFound, "no pupil can change class: no school has two classes")
    }

    /// A pupil leaves: the enrolment, every membership and every placement end the day before today. The person stays.
    public func pupilLeaves(_ personID: String? = nil) throws(StandInError) -> SourceChange {
        var draw = self.draw()
        var pupil = try self.somePupil(&draw, personID).person
        let lastDay = self.today - 1
        guard let id = pupil["id"]?.stringValue else {
            throw StandInError(.notFound, "the chosen pupil has no id; name one")
        }
        pupil["enrolments"] = Self.allEnded(pupil["enrolments"], lastDay: lastDay)
        var change = SourceChange(person: RecordKey(.person, id))
        try self.keep(.person, pupil, &change)
        for var group in self.documents(of: .group, where: { $0.contains(id) }) {
            Self.leave(.string(id), &group, lastDay: lastDay)
            try self.keep(.group, group, &change)
        }
        for placement in self.documents(of: .placement, where: { $0.contains(id) }) {
            try self.keep(.placement, Self.ended(placement, lastDay: lastDay), &change)
        }
        return change
    }

    /// A pupil who has left is enrolled again from today, where it was last.
    ///
    /// - Throws: ``StandInError`` when there is no such person, or one who was never enrolled.
    @discardableResult
    public func pupilReturns(_ personID: String) throws(StandInError) -> SourceChange {
        guard var pupil = self.document(RecordKey(.person, personID)),
            let enrolments = pupil["enrolments"]?.arrayValue, var enrolment = enrolments.last
        else { throw StandInError(.notFound, "the named person was never enrolled; name a pupil who has left") }
        enrolment["startDate"] = .string(self.today.text)
        enrolment["endDate"] = nil
        pupil["enrolments"] = .array(enrolments + [enrolment])
        var change = SourceChange(person: RecordKey(.person, personID))
        try self.keep(.person, pupil, &change)
        return change
    }

    /// A pupil is taken out of the register altogether: person and placements deleted, memberships removed.
    public func removePupil(_ personID: String? = nil) throws(StandInError) -> SourceChange {
        var draw = self.draw()
        let pupil = try self.somePupil(&draw, personID).person
        guard let id = pupil["id"]?.stringValue else {
            throw StandInError(.notFound, "the chosen pupil has no id; name one")
        }
        var change = SourceChange(person: RecordKey(.person, id))
        for var group in self.documents(of: .group, where: { $0.contains(id) }) {
            group["groupMemberships"] = .array(
                (group["groupMemberships"]?.arrayValue ?? []).filter { $0["person"]?["id"] != .string(id) })
            try self.keep(.group, group, &change)
        }
        for placement in self.documents(of: .placement, where: { $0.contains(id) }) {
            if let placementID = placement["id"]?.stringValue { self.take(RecordKey(.placement, placementID), &change) }
        }
        self.take(RecordKey(.person, id), &change)
        return change
    }

    // MARK: Anybody

    /// A person gets another family name, as after a marriage.
    public func renamePerson(_ personID: String? = nil) throws(StandInError) -> SourceChange {
        var draw = self.draw()
        var person = try self.somePerson(personID, &draw) { $0["securityMarking"] == "Ingen" }
        person["familyName"] = .string(
            "Ny\(draw.pick(NameLists.familyStarts).lowercased())\(draw.pick(NameLists.familyEnds))")
        var change = SourceChange()
        change.person = try self.keep(.person, person, &change)
        return change
    }

    /// A person's security marking changes in the population register.
    public func setSecurityMarking(_ marking: SecurityMarking, of personID: String) throws(StandInError)
        -> SourceChange
    {
        var draw = self.draw()
        var person = try self.somePerson(personID, &draw) { _ in true }
        person["securityMarking"] = marking.json
        var change = SourceChange()
        change.person = try self.keep(.person, person, &change)
        return change
    }

    // MARK: Staff

    /// A member of staff with one duty gets a second one, at another school where there is one.
    public func addSecondDuty(titleCode: String, to personID: String? = nil) throws(StandInError) -> SourceChange {
        var draw = self.draw()
        let records = self.records(of: .duty)
        for _ in 0..<500 where !records.isEmpty {
            guard let first = try? draw.pick(records).document(), let holder = first["person"]?["id"]?.stringValue,
                personID == nil || personID == holder, self.isPlain(holder),
                self.documents(of: .duty, where: { $0.contains(holder) }).count == 1 || personID != nil
            else { continue }
            return try self.addDuty(titleCode, to: holder, notAt: first["dutyAt"]?["id"]?.stringValue, &draw)
        }
        if let personID { return try self.addDuty(titleCode, to: personID, notAt: nil, &draw) }
        throw StandInError(.notFound, "nobody has exactly one duty")
    }

    /// A new member of staff with one duty. A title code that Edlevo's table lacks gives the duty role
    /// `Annan personal`; the code stands first in `description`.
    public func addStaff(titleCode: String) throws(StandInError) -> SourceChange {
        var draw = self.draw()
        var person = self.newPerson(birth: self.today - (25 * 365 + draw.below(12_000)), &draw)
        person["emails"] = [
            ["value": .string("ny\(self.draws)@skola.\(MunicipalityBuilder.domain)"), "type": "Skola personal"]
        ]
        var change = SourceChange()
        let key = try self.keep(.person, person, &change)
        let duty = try self.addDuty(titleCode, to: key.id, notAt: nil, &draw)
        change.upserted += duty.upserted
        change.person = key
        return change
    }

    private func addDuty(
        _ titleCode: String, to holder: String, notAt school: String?, _ draw: inout SeededGenerator
    ) throws(StandInError) -> SourceChange {
        let schools = self.documents(of: .organisation) { $0.contains("\"organisationType\":\"Skola\"") }
        let others = schools.filter { $0["id"]?.stringValue != school }
        guard let place = (others.isEmpty ? schools : [draw.pick(others)]).first, let placeID = place["id"] else {
            throw StandInError(.notFound, "there is no school to work at")
        }
        let title = EmploymentTitle(code: titleCode)
        let duty: JSONValue = [
            "id": .string(draw.uuid()), "person": ["id": .string(holder)], "dutyAt": ["id": placeID],
            "assignmentRole": [], "dutyRole": .string(title.dutyRole), "description": .string(title.description),
            "signature": .string("N\(self.draws)"), "dutyPercent": 50, "startDate": .string(self.today.text),
        ]
        var change = SourceChange(person: RecordKey(.person, holder))
        try self.keep(.duty, duty, &change)
        return change
    }
}
