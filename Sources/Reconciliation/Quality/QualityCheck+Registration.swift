import SchoolRecords

extension QualityCheck {
    /// The student register against the population register.
    mutating func examine(registered person: Person, _ key: RecordKey, _ child: ChildView, _ fact: PersonFact, _ unit: String?) {
        guard let registered = self.facts.registered(person.id) else { return }
        let hasRecords = !child.current.isEmpty || fact.has(.isPlaced) || fact.has(.hasDuty)
        self.tally.examine(.deregisteredWithCurrentRecords, key, unit, isFault: registered.isGone && hasRecords)
        if let number = person.civicNo?.value {
            self.tally.examine(.registeredNumberDiffers, key, unit, field: "civicNo", isFault: !registered.hasNumber(number))
        }
        self.tally.examine(
            .registeredNameDiffers, key, unit, field: "familyName",
            isFault: !registered.hasNames(person.givenName, person.familyName))
        // Nothing said of custody doesn't mean that nobody has it, and who is grown up has no guardians.
        guard let guardians = registered.guardians, child.isMinor(self.facts.today) == true else { return }
        let responsibles = person.responsibles ?? []
        let named = Set(responsibles.compactMap(\.person?.id))
        var missing: [String?] = guardians.subtracting(named).sorted().map { "person/\($0)" }
        if registered.hasUnknownGuardian { missing.append(nil) }
        self.tally.examine(.registeredGuardianMissing, key, unit, field: "responsibles", faults: missing)
        let others = Set(responsibles.filter { $0.relationType == .guardian }.compactMap(\.person?.id)).subtracting(guardians)
        // Where one isn't known by the number, another may be the same person.
        let strangers = registered.hasUnknownGuardian ? [] : others.sorted().map { "person/\($0)" }
        self.tally.examine(.guardianNotRegistered, key, unit, field: "responsibles", faults: strangers)
    }
}
