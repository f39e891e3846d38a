public import SchoolRecords

/// Holds the rules against records, one after the other. What it finds doesn't depend on the order in which they come.
public struct QualityCheck: Sendable {
    let facts: QualityFacts
    public var tally: QualityTally
    /// Who has a number, user name or address that somebody else has too, until ``finish()``.
    var sharers: [QualityRule: [CompactID: [Sharer]]] = [:]

    struct Sharer: Sendable {
        let id: String
        let unit: String?
        let field: String
    }

    /// - Parameter facts: collected of all records.
    public init(_ facts: QualityFacts) {
        self.facts = facts
        let silent = Set(QualityRule.allCases.filter { !$0.needs.isSubset(of: facts.seen) })
        // Whose only child is protected looks like the guardian of nobody: that number mustn't lead to anybody.
        self.tally = QualityTally(
            off: facts.settings.off.union(silent), unnamed: facts.hasWithheld ? [.guardianOfNobody] : [])
    }

    /// Rules that can't be held against anything, with the kinds of record that no source tells of.
    public var silent: [QualityRule: Set<Entity>] {
        QualityRule.allCases.reduce(into: [:]) { silent, rule in
            let missing = rule.needs.subtracting(self.facts.seen)
            if !missing.isEmpty, !self.facts.settings.off.contains(rule) { silent[rule] = missing }
        }
    }

    /// Whether the organisation is none that the register has.
    func isUnknown(_ organisation: String) -> Bool { self.facts.places[organisation] == nil }

    // MARK: Organisations

    public mutating func examine(_ organisation: Organisation) {
        guard !self.facts.isOver(organisation.endDate) else { return }
        let key = RecordKey(.organisation, organisation.id)
        let unit = organisation.id
        if let parent = organisation.parentOrganisation {
            self.tally.examine(
                .organisationParentUnknown, key, unit, field: "parentOrganisation",
                faults: self.isUnknown(parent.id) ? ["organisation/\(parent.id)"] : [])
        }
        if organisation.organisationType == .school {
            self.tally.examine(
                .schoolWithoutUnit, key, unit, isFault: !self.facts.parents.contains(organisation.id))
        }
        guard organisation.organisationType == .schoolUnit else { return }
        let types = organisation.schoolTypes ?? []
        let isCare = !types.isEmpty && types.allSatisfy { [.fs, .fth, .oppfth].contains($0) }
        let code = organisation.schoolUnitCode
        self.tally.examine(
            .schoolUnitWithoutCode, key, unit, field: "schoolUnitCode",
            isFault: code == nil && !(isCare && organisation.organisationCode != nil))
        guard let code else { return }
        let isCode = code.utf8.count == 8 && code.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        self.tally.examine(.schoolUnitCodeMalformed, key, unit, field: "schoolUnitCode", isFault: !isCode)
        let others = (self.facts.unitCodes[code] ?? []).filter { $0 != organisation.id }.sorted()
        self.tally.examine(
            .schoolUnitCodeShared, key, unit, field: "schoolUnitCode", faults: others.map { "organisation/\($0)" })
    }

    // MARK: Duties

    public mutating func examine(_ duty: Duty) {
        // A protected person's duty isn't in the register either.
        let key = RecordKey(.duty, duty.id)
        let unit = duty.dutyAt.id
        self.tally.examine(
            .dutyEndsBeforeStart, key, unit, field: "endDate", isFault: self.facts.isBackwards(duty.startDate, duty.endDate))
        guard self.facts.isNowOrSoon(duty.startDate, duty.endDate) else { return }
        self.tally.examine(
            .dutyOrganisationUnknown, key, unit, field: "dutyAt",
            faults: self.isUnknown(unit) ? ["organisation/\(unit)"] : [])
        if let person = duty.person?.id {
            self.tally.examine(
                .dutyHolderUnknown, key, unit, field: "person",
                faults: self.facts.person(person).has(.exists) ? [] : ["person/\(person)"])
        }
        let code = duty.description.flatMap(self.facts.titleCode)
        self.tally.examine(.dutyWithoutTitleCode, key, unit, field: "description", isFault: code == nil)
        if let code, !self.facts.titleCodes.isEmpty {
            self.tally.examine(
                .dutyTitleCodeUnknown, key, unit, field: "description",
                faults: self.facts.titleCodes.contains(code) ? [] : ["title_code/\(code)"])
        }
        let roles = (duty.assignmentRole ?? []).filter { self.facts.isNowOrSoon($0.startDate, $0.endDate) }
        if !roles.isEmpty {
            let unknown = Set(roles.map(\.group.id)).filter { self.facts.groups[$0] == nil }.sorted()
            self.tally.examine(.dutyGroupUnknown, key, unit, field: "assignmentRole", faults: unknown.map { "group/\($0)" })
        }
    }

    // MARK: Placements

    public mutating func examine(_ placement: Placement) {
        let key = RecordKey(.placement, placement.id)
        let unit = placement.placedAt.id
        self.tally.examine(
            .placementEndsBeforeStart, key, unit, field: "endDate",
            isFault: self.facts.isBackwards(placement.startDate, placement.endDate))
        guard self.facts.isNowOrSoon(placement.startDate, placement.endDate) else { return }
        self.tally.examine(
            .placementUnitUnknown, key, unit, field: "placedAt", faults: self.isUnknown(unit) ? ["organisation/\(unit)"] : [])
        let child = placement.child.id
        self.tally.examine(
            .placementChildUnknown, key, unit, field: "child",
            faults: self.facts.person(child).has(.exists) ? [] : ["person/\(child)"])
        if let group = placement.group?.id {
            self.tally.examine(
                .placementGroupUnknown, key, unit, field: "group",
                faults: self.facts.groups[group] == nil ? ["group/\(group)"] : [])
        }
        self.tally.examine(.placementWithoutDepartment, key, unit, field: "group", isFault: placement.group == nil)
    }

    // MARK: Employees

    public mutating func examine(_ employee: Employee) {
        let current = (employee.employments ?? []).filter { employment in
            (employment.periods ?? []).contains { self.facts.isNow($0.startDate, $0.endDate) }
        }
        guard let first = current.first else { return }
        self.tally.examine(
            .employeeUnknown, RecordKey(.employee, employee.id), first.organisation?.id, field: "civicNo",
            isFault: employee.person == nil)
    }

    // MARK: What several have

    /// Tells of what several persons have, when all records have been examined.
    public mutating func finish() {
        for (rule, clusters) in self.sharers.sorted(by: { $0.key < $1.key }) {
            for sharers in clusters.values {
                for sharer in sharers {
                    let others = sharers.map(\.id).filter { $0 != sharer.id }.sorted()
                    // Who has the same as very many is told of some of them.
                    self.tally.fault(
                        rule, RecordKey(.person, sharer.id), sharer.unit, field: sharer.field,
                        related: others.prefix(3).map { "person/\($0)" })
                }
            }
        }
        self.sharers = [:]
    }
}
