extension MunicipalityBuilder {
    static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    func schoolIndices(_ kind: SchoolKind) -> [Int] {
        self.schools.indices.filter { self.schools[$0].kind == kind }
    }

    mutating func newGroup(
        _ name: String, type: String, schoolType: String, school: Int, isHome: Bool, ends: Bool = true
    ) -> Int {
        let index = self.groups.count
        self.groups.append(
            BuiltGroup(
                id: self.identifier(.groupID, index), name: name, type: type, schoolType: schoolType, school: school,
                start: self.yearStart, end: ends ? self.yearEnd : nil))
        if isHome { self.homeGroups[school, default: []].append(index) }
        return index
    }

    mutating func newChild(birthYear: Int, school: Int, year: Int, educationCode: String? = nil) -> Int {
        let index = self.children.count
        var random = self.generator(.child, index &+ 1_000_000_000)
        let birth = min(self.birthDate(year: birthYear, &random), self.today - 300)
        let identity = self.newIdentity(.child, .childID, index, birth: birth, household: 0)
        self.children.append(Child(identity: identity, school: school, year: year, educationCode: educationCode))
        return index
    }

    mutating func enter(_ child: Int, _ group: Int) {
        var member = BuiltGroup.Member(child: child, start: self.groups[group].start)
        switch self.children[child].identity.oddity {
        case .endedEnrolment: member.start = self.yearStart + 14
        case .noSexNoContact: member.start = nil
        default: break
        }
        self.groups[group].members.append(member)
    }

    /// Children of 1 to 5 years in departments of about 16.
    mutating func fillPreschools() {
        let schools = self.schoolIndices(.preschool)
        let shares = ScalePlan.shares(of: self.plan.preschoolChildren, by: schools.map { self.schools[$0].weight })
        for (school, count) in zip(schools, shares) where count > 0 {
            let departments = (count + 16) / 17
            let indices = (0..<departments).map { number in
                let names = NameLists.departmentNames
                let name =
                    "Avdelning " + names[number % names.count]
                    + (number < names.count ? "" : " \(number / names.count + 1)")
                return self.newGroup(
                    name, type: "Avdelning", schoolType: "FS", school: school, isHome: true, ends: false)
            }
            for number in 0..<count {
                let age = 1 + number * 5 / count
                let child = self.newChild(birthYear: self.schoolYear - age, school: school, year: 0)
                let group = indices[number * departments / count]
                self.enter(child, group)
                self.place(child, school: school, group: group, schoolType: "FS")
            }
        }
        self.census.preschoolChildren = self.plan.preschoolChildren
    }

    private mutating func place(_ child: Int, school: Int, group: Int, schoolType: String) {
        var random = self.generator(.placement, child)
        let birth = self.children[child].identity.birth
        let start = max(birth + 365, self.yearStart - 365 * random.below(schoolType == "FS" ? 4 : 3))
        let isOdd = self.children[child].identity.oddity == .endedEnrolment
        let first = min(start, self.yearStart)
        if isOdd {
            // An earlier place in the same unit that has ended.
            self.placements.append(
                BuiltPlacement(
                    child: child, school: school, group: group, schoolType: schoolType, start: first - 200,
                    end: first - 1, hours: 15))
        }
        self.placements.append(
            BuiltPlacement(
                child: child, school: school, group: group, schoolType: schoolType, start: first,
                end: schoolType == "FTH" ? self.yearEnd + 62 : nil,
                hours: random.perMille(30) ? nil : random.pick([15, 25, 30, 40, 45])))
        if schoolType == "FS" { self.census.preschoolPlacements += 1 } else { self.census.afterSchoolPlacements += 1 }
    }

    /// Years 0 to 9 in classes of at most 28; after-school care for many in years 0 to 6; teaching groups from year 7.
    mutating func fillCompulsorySchools() {
        let schools = self.schoolIndices(.compulsory)
        let byYear = ScalePlan.shares(
            of: self.plan.compulsoryPupils, by: [98, 100, 101, 102, 100, 99, 101, 100, 100, 99])
        var afterSchool: [Int: [Int]] = [:]
        for (year, total) in byYear.enumerated() {
            let taught = schools.filter { self.schools[$0].years.contains(year) }
            let shares = ScalePlan.shares(of: total, by: taught.map { self.schools[$0].weight })
            for (school, count) in zip(taught, shares) where count > 0 {
                let pupils = self.fillYear(year, school: school, count: count)
                if year <= 6 {
                    var random = self.generator(.placement, 1_000_000_000 + school * 16 + year)
                    afterSchool[school, default: []] += pupils.filter { _ in random.perMille(year <= 3 ? 780 : 330) }
                } else {
                    self.formLanguageGroups(pupils, year: year, school: school)
                }
            }
        }
        for school in schools { self.fillAfterSchoolCare(afterSchool[school] ?? [], school: school) }
        self.census.compulsoryPupils = self.plan.compulsoryPupils
    }

    private mutating func fillYear(_ year: Int, school: Int, count: Int) -> [Int] {
        let classes = (count + 27) / 28
        var pupils: [Int] = []
        for number in 0..<classes {
            let size = count * (number + 1) / classes - count * number / classes
            let name = "\(year == 0 ? "F" : String(year))\(Self.letters[number % Self.letters.count])"
            let schoolType = year == 0 ? "FKLASS" : "GR"
            let group = self.newGroup(name, type: "Klass", schoolType: schoolType, school: school, isHome: true)
            let members = (0..<size).map { _ in
                self.newChild(birthYear: self.schoolYear - 6 - year, school: school, year: year)
            }
            for member in members { self.enter(member, group) }
            if year >= 7 {
                for half in 0..<2 {
                    let craft = self.newGroup(
                        "\(name) SL\(half + 1)", type: "Undervisning", schoolType: "GR", school: school, isHome: false)
                    for (position, member) in members.enumerated() where position % 2 == half {
                        self.enter(member, craft)
                    }
                }
            }
            pupils += members
        }
        return pupils
    }

    private mutating func formLanguageGroups(_ pupils: [Int], year: Int, school: Int) {
        var random = self.generator(.teaching, school * 16 + year)
        let languages = ["SP", "TY", "FR"]
        let groups = languages.map {
            self.newGroup("\(year) M2 \($0)", type: "Undervisning", schoolType: "GR", school: school, isHome: false)
        }
        for pupil in pupils where random.perMille(780) { self.enter(pupil, groups[random.below(groups.count)]) }
    }

    private mutating func fillAfterSchoolCare(_ pupils: [Int], school: Int) {
        guard !pupils.isEmpty, self.schools[school].placementUnit != nil else { return }
        let departments = (pupils.count + 54) / 55
        let groups = (0..<departments).map {
            self.newGroup(
                "Fritids \($0 + 1)", type: "Avdelning", schoolType: "FTH", school: school, isHome: false, ends: false)
        }
        for (position, pupil) in pupils.enumerated() {
            let group = groups[position * departments / pupils.count]
            self.enter(pupil, group)
            self.place(pupil, school: school, group: group, schoolType: "FTH")
        }
        let council = self.newGroup("Elevråd", type: "Övrigt", schoolType: "GR", school: school, isHome: false)
        for pupil in pupils.prefix(6) { self.enter(pupil, council) }
    }
}
