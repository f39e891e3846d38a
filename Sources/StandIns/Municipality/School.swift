/// What kind of school a Skola is.
enum SchoolKind: Sendable, Hashable {
    case preschool
    case compulsory
    case upperSecondary
}

/// An organisation of type Skola with its units (Skolenhet), while a municipality is being built.
struct School {
    /// A Skolenhet: where pupils are enrolled and children placed.
    struct Unit {
        let id: String
        let name: String
        /// Eight digits, on units with a school type that has codes; preschools and after-school care have none.
        let schoolUnitCode: String?
        /// The municipality's own code, on preschools and after-school care.
        let organisationCode: String?
        let schoolTypes: [String]
        /// The years taught, preschool class being 0.
        let years: ClosedRange<Int>?
    }

    let id: String
    let kind: SchoolKind
    let name: String
    let organisationCode: String?
    let years: ClosedRange<Int>
    /// How large it is, against other schools of its kind.
    let weight: Int
    var units: [Unit]

    /// The unit where pupils of a year are enrolled.
    func teachingUnit(year: Int) -> Unit {
        self.units.first { $0.years?.contains(year) ?? false } ?? self.units[0]
    }

    /// The unit where children are placed: the preschool's own, or the school's after-school care.
    var placementUnit: Unit? { self.units.first { $0.organisationCode != nil } }
}
