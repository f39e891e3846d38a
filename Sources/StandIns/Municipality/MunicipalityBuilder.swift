import SchoolRecords

/// Makes up a municipality step by step: schools, children in groups, families, staff; then writes the documents.
struct MunicipalityBuilder {
    let plan: ScalePlan
    let seed: UInt64
    let today: CalendarDay
    /// The calendar year in which the current school year (1 July to 30 June) began.
    let schoolYear: Int
    var numbers: IdentityNumberIssuer

    var schools: [School] = []
    var children: [Child] = []
    var groups: [BuiltGroup] = []
    var placements: [BuiltPlacement] = []
    var guardians: [Identity] = []
    var staff: [StaffMember] = []
    var duties: [BuiltDuty] = []
    /// Groups of type Klass and Avdelning by school, which have mentors and preschool teachers.
    var homeGroups: [Int: [Int]] = [:]
    var census = SyntheticMunicipality.Census()
    var protectedPersons: [PersonIndex] = []

    /// What a stream of random numbers is for; each thing draws from its own.
    enum Stream: UInt64 {
        case school = 1
        case child
        case family
        case guardian
        case staff
        case duty
        case teaching
        case address
        case protection
        case placement
        case schoolID
        case childID
        case staffID
        case guardianID
        case dutyID
        case groupID
        case placementID
        case unitID
        case stamps
        case story
    }

    init(plan: ScalePlan, seed: UInt64, today: CalendarDay, numbers: IdentityNumberIssuer) {
        self.plan = plan
        self.seed = seed
        self.today = today
        let (year, month, _) = today.parts
        self.schoolYear = month >= 7 ? year : year - 1
        self.numbers = numbers
    }

    var yearStart: CalendarDay { CalendarDay(self.schoolYear, 7, 1) }
    var yearEnd: CalendarDay { CalendarDay(self.schoolYear + 1, 6, 30) }

    func generator(_ stream: Stream, _ index: Int = 0) -> SeededGenerator {
        SeededGenerator(seed: self.seed, stream: stream.rawValue, index: index)
    }

    func identifier(_ stream: Stream, _ index: Int) -> String {
        var generator = self.generator(stream, index)
        return generator.uuid()
    }

    mutating func build() throws(StandInError) -> [Entity: [SyntheticRecord]] {
        self.foundSchools()
        self.fillPreschools()
        self.fillCompulsorySchools()
        self.fillUpperSecondarySchools()
        self.employStaff()
        self.foundFamilies()
        self.appointMentors()
        self.protectSome()
        return try self.writeDocuments()
    }

    /// A birth date of somebody who turns a given age in a calendar year.
    func birthDate(year: Int, _ random: inout SeededGenerator) -> CalendarDay {
        CalendarDay(year, 1, 1) + random.below(365)
    }

    /// Made somewhere in the last four years, changed since then, at the latest the day before today.
    func stamps(_ entity: Entity, _ index: Int) -> RecordStamps {
        let number = Entity.roster.firstIndex(of: entity) ?? 0
        var random = self.generator(.stamps, number * 100_000_000 + index)
        let age = 2 + random.below(1400)
        let modified = 1 + random.below(age - 1)
        func stamp(_ daysAgo: Int, _ random: inout SeededGenerator) -> Timestamp {
            Timestamp(
                microseconds: Timestamp(self.today - daysAgo).microseconds + Int64(random.below(86_400_000)) * 1000)
        }
        return RecordStamps(created: stamp(age, &random), modified: stamp(modified, &random))
    }

    func newIdentity(
        _ stream: Stream, _ idStream: Stream, _ index: Int, birth: CalendarDay, household: Int, family: String? = nil,
        isMan known: Bool? = nil
    ) -> Identity {
        var random = self.generator(stream, index)
        let isMan = known ?? (random.below(2) == 0)
        var identity = Identity(
            id: self.identifier(idStream, index), given: random.pick(isMan ? NameLists.men : NameLists.women),
            family: family ?? random.pick(NameLists.familyStarts) + random.pick(NameLists.familyEnds), isMan: isMan,
            birth: birth, household: household)
        if random.perMille(40) { identity.middle = random.pick(isMan ? NameLists.men : NameLists.women) }
        if random.perMille(11) {
            let oddity = random.pick(Oddity.allCases)
            identity.oddity = oddity
            switch oddity {
            case .middleName: identity.middle = random.pick(NameLists.middle)
            case .longNames:
                identity.given = NameLists.longGiven
                identity.family = NameLists.longFamily
            case .accents:
                identity.given = isMan ? "José-André" : "Åsa-Desirée"
                identity.family = "Öström-Ýlvér d'" + identity.family
            default: break
            }
        }
        return identity
    }
}
