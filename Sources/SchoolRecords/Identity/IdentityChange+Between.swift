extension IdentityChange {
    /// What happened to a person's number between two states of the person.
    ///
    /// - Parameters:
    ///   - id: the id of the change; it travels in headers, so it must not be made from the number.
    ///   - date: when it happened, where that is known.
    /// - Returns: `nil` when these are two persons, when the number is the same in another spelling, when there was
    ///   none before (a first number is no change), and when there is none after.
    public init?(id: String, from before: Person, to after: Person, date: CalendarDate? = nil) {
        guard before.id == after.id, let old = before.civicNo, let new = after.civicNo, !old.isSame(as: new) else { return nil }
        self.init(
            id: id, changeType: .numberChanged,
            person: PersonReference(id: after.id, securityMarking: after.securityMarking), civicNo: new, formerCivicNo: old,
            date: date)
    }

    /// Two persons turned out to be one.
    ///
    /// - Parameters:
    ///   - id: the id of the change.
    ///   - former: the person whose id no longer stands for anybody.
    ///   - remaining: who both are from now on.
    ///   - date: when it happened, where that is known.
    /// - Returns: `nil` when both have the same id.
    public init?(id: String, merging former: Person, into remaining: Person, date: CalendarDate? = nil) {
        guard former.id != remaining.id else { return nil }
        self.init(
            id: id, changeType: .personsMerged,
            person: PersonReference(id: remaining.id, securityMarking: remaining.securityMarking),
            formerPerson: PersonReference(id: former.id, securityMarking: former.securityMarking), civicNo: remaining.civicNo,
            formerCivicNo: former.civicNo, date: date)
    }
}

extension CivicNumber {
    /// Whether both are the same number of the same country, in whatever spelling. Forms whose century only a day
    /// could tell are compared as they are written.
    public func isSame(as other: CivicNumber) -> Bool {
        guard (self.nationality ?? "SE") == (other.nationality ?? "SE") else { return false }
        if self.value == other.value { return true }
        let rules = IdentityNumberRules(temporaryForms: ["XXXX"], allowsTestNumbers: true)
        guard let left = try? PersonalIdentityNumber(self.value, rules: rules),
            let right = try? PersonalIdentityNumber(other.value, rules: rules)
        else { return false }
        return left == right
    }
}
