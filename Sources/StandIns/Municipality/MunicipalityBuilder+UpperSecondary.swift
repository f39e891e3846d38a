extension MunicipalityBuilder {
    private static let programmes: [(short: String, code: String, weight: Int)] = [
        ("NA", "NANAT0S", 16), ("TE", "TETEK0S", 14), ("EK", "EKEKO0S", 18), ("SA", "SASAM0S", 17),
        ("ES", "ESEST0S", 6),
        ("EE", "EEEEL0S", 7), ("FT", "FTFOR0S", 6), ("BA", "BABYG0S", 5), ("VO", "VOVAR0S", 5), ("IM", "IMIND0S", 6),
    ]

    /// Programmes in three years, classes of at most 30, two course groups each.
    mutating func fillUpperSecondarySchools() {
        let schools = self.schoolIndices(.upperSecondary)
        let perSchool = ScalePlan.shares(
            of: self.plan.upperSecondaryPupils, by: schools.map { self.schools[$0].weight })
        for (school, total) in zip(schools, perSchool) {
            let perYear = ScalePlan.shares(of: total, by: [104, 100, 96])
            for (index, count) in perYear.enumerated() {
                // A small school has the first programmes only, so that its classes are classes.
                let offered = Self.programmes.prefix(max(2, min(Self.programmes.count, count / 12)))
                let shares = ScalePlan.shares(of: count, by: offered.map(\.weight))
                for (programme, size) in zip(offered, shares) where size > 0 {
                    self.fillProgramme(programme.short, programme.code, year: index + 1, count: size, school: school)
                }
            }
        }
        self.census.upperSecondaryPupils = self.plan.upperSecondaryPupils
    }

    private mutating func fillProgramme(_ short: String, _ code: String, year: Int, count: Int, school: Int) {
        let classes = (count + 29) / 30
        let intake = (self.schoolYear - year + 1) % 100
        for number in 0..<classes {
            let size = count * (number + 1) / classes - count * number / classes
            let letter = classes > 1 ? String(Self.letters[number % 26]).lowercased() : ""
            let name = "\(short)\(intake / 10)\(intake % 10)\(letter)"
            let group = self.newGroup(name, type: "Klass", schoolType: "GY", school: school, isHome: true)
            let courses = ["SVE", "MAT"].map {
                self.newGroup(
                    "\(name) \($0)\(year)", type: "Undervisning", schoolType: "GY", school: school, isHome: false)
            }
            for _ in 0..<size {
                let child = self.newChild(
                    birthYear: self.schoolYear - 15 - year, school: school, year: year, educationCode: code)
                for group in [group] + courses { self.enter(child, group) }
            }
        }
    }
}
