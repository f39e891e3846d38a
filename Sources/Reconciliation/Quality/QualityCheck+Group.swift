public import SchoolRecords

extension QualityCheck {
    public mutating func examine(_ group: Group) {
        let key = RecordKey(.group, group.id)
        let unit = group.organisation.id
        let members = group.groupMemberships ?? []
        self.tally.examine(
            .groupEndsBeforeStart, key, unit, field: "endDate", isFault: self.facts.isBackwards(group.startDate, group.endDate))
        if self.facts.isOver(group.endDate) {
            self.examine(ended: group, key, members)
            return
        }
        guard self.facts.isNowOrSoon(group.startDate, group.endDate) else { return }
        self.tally.examine(
            .groupOrganisationUnknown, key, unit, field: "organisation",
            faults: self.isUnknown(unit) ? ["organisation/\(unit)"] : [])
        let present = Set(members.filter { self.facts.isNowOrSoon($0.startDate, $0.endDate) }.map(\.person.id))
        if !present.isEmpty {
            let strangers = present.filter { !self.facts.person($0).has(.exists) }.sorted()
            self.tally.examine(
                .groupMemberUnknown, key, unit, field: "groupMemberships", faults: strangers.map { "person/\($0)" })
        }
        guard self.facts.isNow(group.startDate, group.endDate) else { return }
        self.examine(current: group, key, isEmpty: present.isEmpty)
    }

    /// Who is still in a group that has ended: some weeks of holidays between two school years are none.
    private mutating func examine(ended group: Group, _ key: RecordKey, _ members: [GroupMembership]) {
        guard let last = group.endDate, last >= group.startDate else { return }
        let left = self.facts.today.daysSinceEpoch - last.daysSinceEpoch
        guard left > self.facts.settings.horizonDays, left <= 365 else { return }
        let current = members.contains { $0.endDate.map { $0 > last && !self.facts.isOver($0) } ?? false }
        self.tally.examine(
            .endedGroupWithMembers, key, group.organisation.id, field: "groupMemberships", isFault: current)
    }

    private mutating func examine(current group: Group, _ key: RecordKey, isEmpty: Bool) {
        let unit = group.organisation.id
        switch group.groupType {
        case .schoolClass:
            self.tally.examine(.classWithoutPupils, key, unit, field: "groupMemberships", isFault: isEmpty)
            // Where there are mentor groups, those have the mentors.
            guard !isEmpty, !self.facts.mentorSchools.contains(unit) else { return }
            self.tally.examine(.classWithoutMentor, key, unit, isFault: !self.facts.mentored.contains(group.id))
        case .mentor:
            guard !isEmpty else { return }
            self.tally.examine(.classWithoutMentor, key, unit, isFault: !self.facts.mentored.contains(group.id))
        case .teaching:
            guard !isEmpty else { return }
            let isLed = self.facts.taught.contains(group.id) || self.facts.staffed.contains(group.id)
            self.tally.examine(.teachingGroupWithoutTeacher, key, unit, isFault: !isLed)
        case .department:
            guard !isEmpty else { return }
            self.tally.examine(.departmentWithoutStaff, key, unit, isFault: !self.facts.staffed.contains(group.id))
        default: break
        }
    }
}
