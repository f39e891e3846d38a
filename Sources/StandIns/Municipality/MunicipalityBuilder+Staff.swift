import SchoolRecords

extension MunicipalityBuilder {
    /// A head for each school, teachers and others by the kind of school, some with a second duty elsewhere.
    mutating func employStaff() {
        var sizes = self.schools.map { _ in 0 }
        for child in self.children { sizes[child.school] += 1 }
        // Small children need more staff each.
        let weights = self.schools.indices.map { index in
            switch self.schools[index].kind {
            case .preschool: 1 + sizes[index] * 25
            case .compulsory: 1 + sizes[index] * 18
            case .upperSecondary: 1 + sizes[index] * 15
            }
        }
        let extra = ScalePlan.shares(of: self.plan.staff - 2 * self.schools.count, by: weights)
        for school in self.schools.indices {
            for place in 0..<(2 + extra[school]) { self.employ(at: school, place: place) }
        }
        self.giveSecondDuties()
        self.census.staff = self.staff.count
    }

    private mutating func employ(at school: Int, place: Int) {
        let index = self.staff.count
        var random = self.generator(.staff, index &+ 1_000_000_000)
        let birth = self.birthDate(year: self.schoolYear - 24 - random.below(42), &random)
        self.staff.append(
            StaffMember(identity: self.newIdentity(.staff, .staffID, index, birth: birth, household: 2_000_000 + index))
        )
        self.duties.append(
            self.duty(of: index, at: school, title: self.title(at: school, place: place, &random), &random))
    }

    private func title(at school: Int, place: Int, _ random: inout SeededGenerator) -> EmploymentTitle {
        let kind = self.schools[school].kind
        if place == 0 { return EmploymentTitle(code: kind == .preschool ? "3410" : "2070") }
        let titles = EmploymentTitle.weighted(for: kind)
        // The second of a school always teaches, so that every group can have its mentor.
        if place == 1 { return EmploymentTitle(code: titles[0].code) }
        var roll = random.below(titles.reduce(0) { $0 + $1.weight })
        for title in titles {
            roll -= title.weight
            if roll < 0 { return EmploymentTitle(code: title.code) }
        }
        return EmploymentTitle(code: titles[0].code)
    }

    private func duty(
        of staff: Int, at school: Int, title: EmploymentTitle, _ random: inout SeededGenerator, share: Int? = nil
    ) -> BuiltDuty {
        let isTemporary = random.perMille(120)
        return BuiltDuty(
            staff: staff, school: school, title: title,
            percent: share ?? random.pick([100, 100, 100, 100, 80, 75, 50]),
            start: self.yearStart - 30 * random.below(60),
            end: isTemporary ? self.yearEnd : nil)
    }

    /// One in ten works at two places; a few have a duty that ended, or one that begins later.
    private mutating func giveSecondDuties() {
        for index in self.staff.indices {
            var random = self.generator(.duty, index)
            let first = self.duties[index]
            if random.perMille(105) {
                let same = self.schools.indices.filter { self.schools[$0].kind == self.schools[first.school].kind }
                let school = same.count > 1 ? random.pick(same.filter { $0 != first.school }) : first.school
                let title = school == first.school || random.perMille(200) ? EmploymentTitle(code: "E032") : first.title
                self.duties.append(self.duty(of: index, at: school, title: title, &random, share: 50))
            }
            let isEnded = self.staff[index].identity.oddity == .endedEnrolment
            if isEnded || self.staff[index].identity.oddity == .futureEnrolment {
                self.duties.append(
                    BuiltDuty(
                        staff: index, school: first.school, title: first.title, percent: 25,
                        start: isEnded ? self.yearStart - 700 : self.today + 45,
                        end: isEnded ? self.yearStart - 335 : nil))
            }
        }
    }

    /// One or two mentors for each class, preschool teachers for each department; all at the group's own school.
    mutating func appointMentors() {
        var bySchool: [Int: (teachers: [Int], preschool: [Int], administrators: [Int])] = [:]
        for (index, duty) in self.duties.enumerated()
        where duty.end.map({ $0 >= self.today }) ?? true && duty.start <= self.today {
            switch duty.title.dutyRole {
            case "Lärare", "Förstelärare": bySchool[duty.school, default: ([], [], [])].teachers.append(index)
            case "Förskollärare": bySchool[duty.school, default: ([], [], [])].preschool.append(index)
            case "Skoladministratör": bySchool[duty.school, default: ([], [], [])].administrators.append(index)
            default: break
            }
        }
        for school in self.schools.indices {
            guard let staff = bySchool[school] else { continue }
            for (number, group) in (self.homeGroups[school] ?? []).enumerated() {
                let isClass = self.groups[group].type == "Klass"
                let candidates = isClass ? staff.teachers : staff.preschool
                let count = min(candidates.count, isClass ? 1 + number % 2 : 2)
                for place in 0..<count {
                    let chosen = candidates[(number * 2 + place) % candidates.count]
                    self.duties[chosen].assignments.append((group, isClass ? "Mentor" : "Förskollärare"))
                }
                if !staff.administrators.isEmpty, number % 8 == 0 {
                    self.duties[staff.administrators[number / 8 % staff.administrators.count]].assignments
                        .append((group, "Administrativ personal"))
                }
            }
        }
    }

    /// A few protected people: pupils of both markings, one guardian, one member of staff; called as nobody else is.
    mutating func protectSome() {
        var random = self.generator(.protection)
        let pupils = self.children.indices.filter { self.children[$0].identity.oddity == nil }
        let order = random.shuffled(pupils)
        for (number, index) in order.prefix(self.plan.protectedPupils).enumerated() {
            self.protect(&self.children[index].identity, number)
            self.protectedPersons.append(.child(index))
        }
        let number = min(order.count, self.plan.protectedPupils)
        let plain = self.guardians.indices.filter { self.guardians[$0].oddity == nil }
        if !plain.isEmpty {
            let index = random.pick(plain)
            self.protect(&self.guardians[index], number)
            self.protectedPersons.append(.guardian(index))
        }
        let teaching = self.staff.indices.filter { self.staff[$0].identity.oddity == nil && !self.staff[$0].isGuardian }
        if !teaching.isEmpty {
            let index = random.pick(teaching)
            self.protect(&self.staff[index].identity, number + 1)
            self.protectedPersons.append(.staff(index))
        }
        self.census.protectedPersons = self.protectedPersons.count
    }

    private func protect(_ identity: inout Identity, _ number: Int) {
        identity.marking = number % 2 == 0 ? .secrecyMark : .protectedRegistration
        identity.given = NameLists.protectedGiven[number % NameLists.protectedGiven.count]
        identity.middle = nil
        identity.family =
            NameLists.protectedFamily + String(UnicodeScalar(UInt8(0x61 + number % 26)))
            + (number < 26 ? "" : String(number / 26))
    }
}
