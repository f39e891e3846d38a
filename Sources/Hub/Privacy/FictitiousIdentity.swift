import Foundation
import SchoolRecords

/// Who a protected person is at systems that are given a fictitious identity: the same at all of them, and for good.
///
/// Made of the person's id with the hub's key, so that nobody without the key can tell whose it is, and kept in the vault. The number
/// is a ``FictitiousNumber``: nobody is ever given it.
public struct FictitiousIdentity: Sendable, Hashable, Codable {
    /// The opaque id.
    public let person: String
    public let givenName: String
    public let familyName: String
    /// Twelve digits.
    public let number: String

    public init(person: String, givenName: String, familyName: String, number: String) {
        self.person = person
        self.givenName = givenName
        self.familyName = familyName
        self.number = number
    }

    /// - Parameters:
    ///   - person: the real key.
    ///   - birthYear: of the person; the number says it too, since what school year somebody is in says it anyway.
    ///   - avoiding: the real birth date, which the number must not say.
    ///   - round: another choice, when the first one's number is taken.
    init(of person: RecordKey, key: HubKey, birthYear: Int, avoiding birthDate: CalendarDate?, round: Int) {
        // The name is the first choice's whatever the number.
        let name = key.identityBytes(of: person, round: 0)
        let bytes = key.identityBytes(of: person, round: round)
        func pick(_ bytes: ArraySlice<UInt8>, _ count: Int) -> Int {
            Int(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(count))
        }
        let first = CalendarDate(year: birthYear, month: 1, day: 1).daysSinceEpoch
        let days = CalendarDate(year: birthYear, month: 12, day: 31).daysSinceEpoch - first + 1
        var day = first + pick(bytes[16..<24], days)
        if CalendarDate(daysSinceEpoch: day) == birthDate { day = first + (day - first + 1) % days }
        self.init(
            person: key.opaqueKey(for: person).id,
            givenName: FictitiousNames.given[pick(name[0..<8], FictitiousNames.given.count)],
            familyName: FictitiousNames.family[pick(name[8..<16], FictitiousNames.family.count)],
            number: FictitiousNumber.on(CalendarDate(daysSinceEpoch: day)))
    }
}

/// Names of fictitious identities: given names that say no sex, and family names of which there are very many.
enum FictitiousNames {
    static let given = [
        "Alex", "Andrea", "Bo", "Charlie", "Dani", "Eli", "Ellis", "Florian", "Frej", "Gabriel", "Helge", "Iben", "Jannike",
        "Juno",
        "Kai", "Kim", "Kit", "Leslie", "Lo", "Love", "Maxi", "Mio", "Mika", "Nico", "Nikita", "Noa", "Robin", "Rene", "Sam",
        "Sacha", "Sol", "Tintin", "Tove", "Valentin", "Vide", "Vilja", "Yael", "Ziggy", "Alve",
    ]
    static let family = [
        "Alm", "Berg", "Björk", "Blom", "Dahl", "Ek", "Eklund", "Falk", "Fors", "Forsberg", "Gran", "Gren", "Hag", "Hed", "Holm",
        "Holmberg", "Häll", "Kvist", "Lind", "Lindberg", "Lindholm", "Ljung", "Lund", "Lundberg", "Löv", "Nord", "Norén", "Ny",
        "Näs", "Rask", "Ros", "Sand", "Sandberg", "Sjö", "Sjöberg", "Skog", "Sten", "Strand", "Ström", "Sund", "Sundberg", "Vik",
        "Wall", "Åberg", "Åkerlund", "Ås", "Öberg", "Öst",
    ]
}
