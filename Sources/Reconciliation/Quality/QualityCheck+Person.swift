public import SchoolRecords

extension QualityCheck {
    public mutating func examine(_ person: Person) {
        let fact = self.facts.person(person.id)
        // One that has come since the facts were collected is for the next run.
        guard fact.has(.exists), !fact.has(.isProtected), person.securityMarking?.isProtected != true else { return }
        let key = RecordKey(.person, person.id)
        let child = ChildView(person, self.facts)
        let unit =
            child.unit ?? self.facts.name(of: fact.dutyUnit) ?? self.facts.name(of: fact.childUnit)
        guard person.personStatus != .deceased else {
            let hasRecords = !child.current.isEmpty || fact.has(.isPlaced) || fact.has(.hasDuty)
            self.tally.examine(.deceasedWithCurrentRecords, key, unit, field: "personStatus", isFault: hasRecords)
            return
        }
        self.examine(doubles: person, unit)
        self.examine(registered: person, key, child, fact, unit)
        self.examine(enrolments: person, key, child, fact)
        if fact.has(.hasDuty) { self.examine(staff: person, key, self.facts.name(of: fact.dutyUnit)) }
        if fact.has(.hasDuty) {
            self.tally.examine(
                .dutyWithoutEmployment, key, self.facts.name(of: fact.dutyUnit), isFault: !fact.has(.isEmployed))
        }
        if fact.has(.isEmployed) {
            self.tally.examine(
                .employmentWithoutDuty, key, self.facts.name(of: fact.workUnit), isFault: !fact.has(.hasDuty))
        }
        if child.isCurrent { self.examine(child: person, key, child, fact) }
        if fact.has(.isResponsibleNow) {
            let hasContact = !(person.emails ?? []).isEmpty || !(person.phoneNumbers ?? []).isEmpty
            self.tally.examine(
                .guardianWithoutContact, key, self.facts.name(of: fact.childUnit), field: "emails", isFault: !hasContact)
        }
        self.examine(ties: person, key, child, fact)
    }

    private mutating func examine(staff person: Person, _ key: RecordKey, _ unit: String?) {
        self.tally.examine(.staffWithoutEmail, key, unit, field: "emails", isFault: (person.emails ?? []).isEmpty)
        self.tally.examine(
            .staffWithoutUserName, key, unit, field: "eduPersonPrincipalNames",
            isFault: (person.eduPersonPrincipalNames ?? []).isEmpty)
    }

    /// A child or pupil of today.
    private mutating func examine(child person: Person, _ key: RecordKey, _ child: ChildView, _ fact: PersonFact) {
        let unit = child.unit
        self.tally.examine(.childWithoutIdentityNumber, key, unit, field: "civicNo", isFault: person.civicNo == nil)
        self.tally.examine(.childWithoutBirthDate, key, unit, field: "birthDate", isFault: child.birthDate == nil)
        if fact.has(.isPlaced) {
            let isDouble = fact.has(.hasTwoPreschools) || fact.has(.hasTwoAfterSchools)
            self.tally.examine(.placementsOverlap, key, unit, isFault: isDouble)
        }
        guard child.isMinor(self.facts.today) == true else { return }
        let responsibles = person.responsibles ?? []
        let guardians = responsibles.filter { [nil, .guardian, .trustee].contains($0.relationType) && $0.person != nil }
        self.tally.examine(.childWithoutGuardian, key, unit, field: "responsibles", isFault: guardians.isEmpty)
        let named = Set(responsibles.compactMap(\.person?.id))
        guard !named.isEmpty else { return }
        let strangers = named.filter { !self.facts.person($0).has(.exists) }.sorted()
        self.tally.examine(.guardianUnknown, key, unit, field: "responsibles", faults: strangers.map { "person/\($0)" })
    }

    /// Adult education has no classes.
    private static let withClasses: Set<SchoolType> = [.fklass, .gr, .grs, .tr, .sp, .sam, .gy, .gys, .gra, .gran, .gya, .gyan]

    private mutating func examine(
        enrolments person: Person, _ key: RecordKey, _ child: ChildView, _ fact: PersonFact
    ) {
        let field = "enrolments"
        if fact.has(.isInClass) {
            self.tally.examine(.pupilWithoutEnrolment, key, child.unit, field: field, isFault: child.coming.isEmpty)
        }
        let written = (person.enrolments ?? []).filter { $0.cancelled != true }
        guard !written.isEmpty else { return }
        let backwards = written.contains { self.facts.isBackwards($0.startDate, $0.endDate) }
        self.tally.examine(
            .enrolmentEndsBeforeStart, key, child.unit ?? written.map(\.enroledAt.id).min(), field: field, isFault: backwards)
        let lasting = child.enrolments.filter { !self.facts.isOver($0.endDate) }
        if !lasting.isEmpty {
            self.tally.examine(.enrolmentsOverlap, key, child.unit, field: field, isFault: self.overlap(lasting))
        }
        if child.current.contains(where: { Self.withClasses.contains($0.schoolType) }) {
            self.tally.examine(.pupilWithoutClass, key, child.unit, isFault: !fact.has(.hasClass))
        }
        guard !child.coming.isEmpty else { return }
        let units = Set(child.coming.map(\.enroledAt.id)).sorted()
        let known = units.filter { !self.isUnknown($0) }
        self.tally.examine(
            .enrolmentUnitUnknown, key, child.unit, field: field,
            faults: units.filter(self.isUnknown).map { "organisation/\($0)" })
        guard !known.isEmpty else { return }
        let others = known.filter { self.facts.places[$0]?.type != .schoolUnit }
        self.tally.examine(
            .enrolmentNotAtSchoolUnit, key, child.unit, field: field, faults: others.map { "organisation/\($0)" })
        let closed = known.filter { self.facts.isOver(self.facts.places[$0]?.last) }
        self.tally.examine(
            .enrolmentAtClosedUnit, key, child.unit, field: field, faults: closed.map { "organisation/\($0)" })
        let strange = Set(
            child.coming.filter { enrolment in
                guard let types = self.facts.places[enrolment.enroledAt.id]?.schoolTypes, !types.isEmpty else { return false }
                return !types.contains(enrolment.schoolType)
            }.map { "school_type/\($0.schoolType.rawValue)" })
        self.tally.examine(.enrolmentSchoolTypeNotOffered, key, child.unit, field: field, faults: strange.sorted())
    }

    /// Whether two of them are in the same form of schooling on one day, today or later.
    private func overlap(_ enrolments: [Enrolment]) -> Bool {
        enrolments.indices.contains { first in
            enrolments[..<first].contains { other in
                let one = enrolments[first]
                return one.schoolType == other.schoolType && one.startDate <= other.endDate ?? one.startDate
                    && other.startDate <= one.endDate ?? other.startDate
            }
        }
    }

    /// Persons who belong nowhere.
    private mutating func examine(ties person: Person, _ key: RecordKey, _ child: ChildView, _ fact: PersonFact) {
        let isMinor = child.isMinor(self.facts.today)
        guard person.personStatus != .emigrated else { return }
        let belongs = child.isExpected || fact.has(.hasClass)
        if isMinor == true {
            let rule: QualityRule =
                child.isOfSchoolAge(self.facts.today) ? .schoolAgeWithoutSchool : .personWithoutUnit
            self.tally.examine(rule, key, child.unit, isFault: !belongs)
        } else if !fact.has(.hasHadDuty), !fact.has(.isEmployed), !fact.has(.hasHadPlacement), !belongs,
            (person.enrolments ?? []).isEmpty
        {
            self.tally.examine(.guardianOfNobody, key, nil, isFault: !fact.has(.isResponsible))
        }
    }

    // MARK: What several have

    private mutating func examine(doubles person: Person, _ unit: String?) {
        if let number = person.civicNo {
            self.share(
                .identityNumberShared, "\(number.nationality ?? "SE") \(number.value)", self.facts.numbers, person.id, unit,
                field: "civicNo")
        }
        for name in Set((person.eduPersonPrincipalNames ?? []).map { $0.lowercased() }) {
            self.share(.userNameShared, name, self.facts.userNames, person.id, unit, field: "eduPersonPrincipalNames")
        }
        for mail in QualityFacts.schoolMails(person) {
            self.share(.schoolEmailShared, mail, self.facts.emails, person.id, unit, field: "emails")
        }
    }

    private mutating func share(
        _ rule: QualityRule, _ text: String, _ sharing: Sharing, _ person: String, _ unit: String?, field: String
    ) {
        let id = CompactID(text)
        self.tally.examine(rule, RecordKey(.person, person), unit, field: field, faults: [])
        guard sharing.isShared(id) else { return }
        self.sharers[rule, default: [:]][id, default: []].append(Sharer(id: person, unit: unit, field: field))
    }
}
