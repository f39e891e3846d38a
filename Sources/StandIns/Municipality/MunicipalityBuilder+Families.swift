extension MunicipalityBuilder {
    /// Siblings share guardians; most have two, some one, a few none here; some guardians are staff; some live apart.
    mutating func foundFamilies() {
        var random = self.generator(.family)
        let order = random.shuffled(Array(self.children.indices))
        var position = 0
        var number = 0
        while position < order.count {
            var draw = self.generator(.family, number + 1)
            let roll = draw.below(1000)
            let size = min(roll < 930 ? 1 : (roll < 992 ? 2 : 3), order.count - position)
            self.foundFamily(number, Array(order[position..<position + size]), &draw)
            position += size
            number += 1
        }
        self.census.guardians = self.guardians.count
        self.census.staffWhoAreGuardians = self.staff.count { $0.isGuardian }
    }

    private mutating func foundFamily(_ number: Int, _ members: [Int], _ random: inout SeededGenerator) {
        let birthdays = members.map { self.children[$0].identity.birth }
        let adultFrom = CalendarDay(self.today.parts.year - 18, self.today.parts.month, self.today.parts.day)
        let minors = members.filter { self.children[$0].identity.birth > adultFrom }
        let eldest = birthdays.min() ?? self.today
        let roll = random.below(1000)
        let count = minors.isEmpty || roll < 6 ? 0 : (roll < 90 ? 1 : 2)
        var parents: [PersonIndex] = []
        var names: [String] = []
        // A child of parents who live apart lives with either.
        let apart = count == 2 && random.perMille(220)
        for place in 0..<count {
            let (parent, name) = self.parent(
                place, family: number, eldest: eldest, apart: apart,
                sharedName: random.perMille(600) ? names.first : nil,
                &random)
            if parents.contains(parent) { continue }
            parents.append(parent)
            names.append(name)
        }
        for member in members {
            let home = apart && random.below(2) == 1 ? parents.last : parents.first
            self.children[member].identity.household = home.map { self.identity($0).household } ?? 3_000_000 + number
            if let name = names.isEmpty ? nil : names[random.below(names.count)],
                ![.longNames, .accents].contains(self.children[member].identity.oddity)
            {
                self.children[member].identity.family = name
            }
            guard minors.contains(member) else { continue }
            self.children[member].guardians = parents
            if random.perMille(10) {
                let (other, _) = self.parent(
                    2, family: number, eldest: eldest, apart: true, sharedName: nil, &random, mayBeStaff: false)
                self.children[member].otherResponsible = other
            }
        }
    }

    private mutating func parent(
        _ place: Int, family: Int, eldest: CalendarDay, apart: Bool, sharedName: String?,
        _ random: inout SeededGenerator,
        mayBeStaff: Bool = true
    ) -> (PersonIndex, String) {
        if mayBeStaff, !self.staff.isEmpty, random.perMille(35) {
            let candidate = random.below(self.staff.count)
            if self.staff[candidate].identity.birth < eldest - 20 * 365 {
                self.staff[candidate].isGuardian = true
                return (.staff(candidate), self.staff[candidate].identity.family)
            }
        }
        if mayBeStaff, place == 1, random.perMille(15), !self.guardians.isEmpty {
            // A half-sibling's parent: guardian in an earlier family too.
            let candidate = random.below(self.guardians.count)
            if self.guardians[candidate].birth < eldest - 18 * 365 {
                return (.guardian(candidate), self.guardians[candidate].family)
            }
        }
        let index = self.guardians.count
        let birth = eldest - (20 * 365 + random.below(24 * 365))
        self.guardians.append(
            self.newIdentity(
                .guardian, .guardianID, index, birth: birth,
                household: 1_000_000 + (place > 0 && apart ? 100_000_000 + family * 3 + place : family),
                family: sharedName,
                isMan: random.perMille(940) ? place == 0 : place == 1))
        return (.guardian(index), self.guardians[index].family)
    }

    func identity(_ person: PersonIndex) -> Identity {
        switch person {
        case .child(let index): self.children[index].identity
        case .staff(let index): self.staff[index].identity
        case .guardian(let index): self.guardians[index]
        }
    }
}
