/// What is known of a person from all records together, in a few bytes.
struct PersonFact: Sendable {
    struct Bits: OptionSet, Sendable {
        let rawValue: UInt32

        /// A record of the register, or a protected person.
        static let exists = Bits(rawValue: 1 << 0)
        static let isProtected = Bits(rawValue: 1 << 1)
        /// Now or soon.
        static let hasClass = Bits(rawValue: 1 << 2)
        static let isInClass = Bits(rawValue: 1 << 3)
        static let hasHadDuty = Bits(rawValue: 1 << 4)
        static let hasDuty = Bits(rawValue: 1 << 5)
        static let hasHadPlacement = Bits(rawValue: 1 << 6)
        /// Now or soon.
        static let hasPlacement = Bits(rawValue: 1 << 7)
        static let isPlaced = Bits(rawValue: 1 << 8)
        static let hasPreschool = Bits(rawValue: 1 << 9)
        static let hasTwoPreschools = Bits(rawValue: 1 << 10)
        static let hasAfterSchool = Bits(rawValue: 1 << 11)
        static let hasTwoAfterSchools = Bits(rawValue: 1 << 12)
        static let isResponsible = Bits(rawValue: 1 << 13)
        /// For a child that goes to school or is placed.
        static let isResponsibleNow = Bits(rawValue: 1 << 14)
        /// At work today, as the employer says: not on leave.
        static let isEmployed = Bits(rawValue: 1 << 15)
    }

    private var bits: Bits = []
    var classUnit = UnitNames.none
    var dutyUnit = UnitNames.none
    var placementUnit = UnitNames.none
    var childUnit = UnitNames.none
    var workUnit = UnitNames.none

    func has(_ bits: Bits) -> Bool { self.bits.isSuperset(of: bits) }

    mutating func insert(_ bits: Bits) { self.bits.formUnion(bits) }
}

/// Units by number: a person's five take twenty bytes.
struct UnitNames: Sendable {
    typealias Index = UInt32

    static let none = Index.max

    private var names: [String] = []
    private var indexes: [String: Index] = [:]

    /// `nil` for none.
    subscript(index: Index) -> String? { index == Self.none ? nil : self.names[Int(index)] }

    mutating func index(of name: String) -> Index {
        if let known = self.indexes[name] { return known }
        let index = Index(self.names.count)
        self.names.append(name)
        self.indexes[name] = index
        return index
    }

    /// The one whose name comes first: whoever belongs to two belongs to the same one whatever came first.
    func lesser(_ one: Index, _ other: Index) -> Index {
        guard let first = self[one] else { return other }
        guard let second = self[other] else { return one }
        return first <= second ? one : other
    }
}

/// Finds what several persons have, without keeping it.
struct Sharing: Sendable {
    private var seen: Set<CompactID> = []
    private(set) var shared: Set<CompactID> = []

    mutating func add(_ text: String) {
        let id = CompactID(text)
        if !self.seen.insert(id).inserted { self.shared.insert(id) }
    }

    func isShared(_ id: CompactID) -> Bool { self.shared.contains(id) }
}
