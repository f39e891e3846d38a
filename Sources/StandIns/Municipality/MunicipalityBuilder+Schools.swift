extension MunicipalityBuilder {
    /// Schools as Edlevo shows them: a Skola, and at least one Skolenhet below it.
    mutating func foundSchools() {
        for index in 0..<self.plan.preschools { self.foundPreschool(index) }
        let upperOnly = self.plan.compulsorySchools >= 4 ? max(1, self.plan.compulsorySchools * 9 / 38) : 0
        for index in 0..<self.plan.compulsorySchools {
            let years = upperOnly == 0 ? 0...9 : (index < upperOnly ? 7...9 : 0...6)
            self.foundCompulsorySchool(index, years: years)
        }
        for index in 0..<self.plan.upperSecondarySchools { self.foundUpperSecondarySchool(index) }
        self.census.preschools = self.plan.preschools
        self.census.compulsorySchools = self.plan.compulsorySchools
        self.census.upperSecondarySchools = self.plan.upperSecondarySchools
    }

    private static func name(_ names: [String], _ index: Int) -> String {
        let round = index / names.count
        return names[index % names.count] + (round == 0 ? "" : " \(round + 1)")
    }

    private static func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }

    private mutating func foundPreschool(_ index: Int) {
        var random = self.generator(.school, self.schools.count)
        let name = "Förskolan " + Self.name(NameLists.preschoolNames, index)
        let code = "FSK\(Self.padded(index + 1))"
        let unit = self.newUnit(0, name, ["FS"], organisationCode: code)
        self.schools.append(
            School(
                id: self.identifier(.schoolID, self.schools.count), kind: .preschool, name: name,
                organisationCode: code,
                years: 0...0, weight: 70 + random.below(60), units: [unit]))
    }

    private mutating func foundCompulsorySchool(_ index: Int, years: ClosedRange<Int>) {
        var random = self.generator(.school, self.schools.count)
        let name = Self.name(NameLists.schoolNames, index) + "skolan"
        var units: [School.Unit] = []
        // Every eighth school with the lower years has two units with codes of their own.
        if years == 0...6, index % 8 == 0 {
            units.append(self.newUnit(0, name + " F-3", ["FKLASS", "GR"], code: self.unitCode(index, 0), years: 0...3))
            units.append(self.newUnit(1, name + " 4-6", ["GR"], code: self.unitCode(index, 1), years: 4...6))
        } else {
            let types = years.contains(0) ? ["FKLASS", "GR"] : ["GR"]
            units.append(
                self.newUnit(
                    0, "\(name) \(years.contains(0) ? "F" : "7")-\(years.upperBound)", types,
                    code: self.unitCode(index, 0),
                    years: years))
        }
        if years.contains(0) {
            units.append(
                self.newUnit(2, name + " fritidshem", ["FTH"], organisationCode: "FTH\(Self.padded(index + 1))"))
        }
        self.schools.append(
            School(
                id: self.identifier(.schoolID, self.schools.count), kind: .compulsory, name: name,
                organisationCode: nil,
                years: years, weight: 60 + random.below(80), units: units))
    }

    private mutating func foundUpperSecondarySchool(_ index: Int) {
        let name = index == 0 ? "Norrviks gymnasieskola" : "Norrviks gymnasieskola \(index + 1)"
        let unit = self.newUnit(0, name, ["GY"], code: self.unitCode(200_000 + index, 0), years: 1...3)
        self.schools.append(
            School(
                id: self.identifier(.schoolID, self.schools.count), kind: .upperSecondary, name: name,
                organisationCode: nil, years: 1...3, weight: 100, units: [unit]))
    }

    /// An invented code of eight digits.
    private func unitCode(_ index: Int, _ part: Int) -> String { String(99_000_000 + index * 4 + part) }

    private func newUnit(
        _ part: Int, _ name: String, _ types: [String], code: String? = nil, organisationCode: String? = nil,
        years: ClosedRange<Int>? = nil
    ) -> School.Unit {
        School.Unit(
            id: self.identifier(.unitID, self.schools.count * 4 + part), name: name, schoolUnitCode: code,
            organisationCode: organisationCode, schoolTypes: types, years: years)
    }
}
