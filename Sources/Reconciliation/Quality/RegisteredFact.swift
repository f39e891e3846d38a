import SchoolRecords

/// What the population register says of somebody, without any name or number: hashes to hold what the student register says against.
struct RegisteredFact: Sendable {
    private let number: CompactID
    /// Each of the given names; `nil` when nothing is said of them.
    private let givenNames: Set<CompactID>?
    /// The family name, alone and with the middle name before it.
    private let familyNames: Set<CompactID>?
    /// The ids of those who have custody, as far as the hub knows them; `nil` when nothing is said of any.
    let guardians: Set<String>?
    /// Whether somebody has custody whom the hub doesn't know.
    let hasUnknownGuardian: Bool
    /// Dead or moved abroad.
    let isGone: Bool

    init(_ registration: Registration) {
        self.number = CompactID(registration.civicNo.value)
        self.givenNames = registration.givenName.map { Self.words($0) }
        let (family, middle) = (registration.familyName, registration.middleName)
        self.familyNames = family.map { Set([Self.whole($0), Self.whole([middle ?? "", $0].joined(separator: " "))]) }
        let guardians = (registration.relations ?? []).filter { $0.relationType == .guardian }
        self.guardians = guardians.isEmpty ? nil : Set(guardians.compactMap(\.person?.id))
        self.hasUnknownGuardian = guardians.contains { $0.person == nil }
        self.isGone = registration.deregistrationReason?.isGone ?? false
    }

    func hasNumber(_ number: String) -> Bool { self.number == CompactID(number) }

    /// Whether these may be the names: some of the given names, since a student register often has the one that somebody is called by.
    func hasNames(_ givenName: String, _ familyName: String) -> Bool {
        (self.givenNames.map { Self.words(givenName).isSubset(of: $0) } ?? true)
            && (self.familyNames?.contains(Self.whole(familyName)) ?? true)
    }

    private static func words(_ text: String) -> Set<CompactID> {
        Set(text.lowercased().split(whereSeparator: \.isWhitespace).map { CompactID(String($0)) })
    }

    private static func whole(_ text: String) -> CompactID {
        CompactID(text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
}
