import Crypto
import Foundation
public import SchoolRecords

/// The people, schools, groups, duties and placements of a municipality that doesn't exist.
///
/// The same scale, seed, day and identity numbers give the same documents, byte for byte. They keep to the limits
/// Edlevo states for its SS 12000 interface (documentation 1.4.0): organisations are of type Skola or Skolenhet,
/// groups and duties belong to a Skola, enrolments carry no `cancelled`, and so on. Pupils are enrolled at, and
/// children placed at (`placedAt`), a Skolenhet. References hold nothing but an id.
///
/// Identity numbers are never put together: see ``init(scale:seed:identityNumbers:today:)``. About one person in a
/// hundred carries odd but legal data. Protected persons (``protectedPersons``) have names that nobody else has, so
/// that a test can look for them where they must not be.
public struct SyntheticMunicipality: Sendable {
    public let scale: Scale
    public let seed: UInt64
    /// The day the municipality is seen from, `yyyy-MM-dd`: the current school year, ages and future dates follow it.
    public let today: String
    public let census: Census
    /// The persons with a security marking other than Ingen: pupils, one guardian, one member of staff.
    public let protectedPersons: [RecordKey]
    private let tables: [Entity: [SyntheticRecord]]

    /// Makes up a municipality.
    ///
    /// - Parameters:
    ///   - identityNumbers: officially published test numbers, 12 digits a line; people whose birth date and sex
    ///     have a free one take it. Everybody else carries a temporary number such as `20130101TF01`, which can't
    ///     be issued to anybody.
    ///   - today: `yyyy-MM-dd`.
    /// - Throws: ``StandInError`` for a day that is none, a number that is no 12 digits, or a scale with more
    ///   people born on one day than there are temporary numbers.
    public init(
        scale: Scale, seed: UInt64, identityNumbers: [String] = [], today: String
    ) throws(StandInError) {
        guard let day = CalendarDay(today), (1900...2999).contains(day.parts.year) else {
            throw StandInError(.badInput, "today is no day of the calendar; write it as yyyy-MM-dd")
        }
        var builder = MunicipalityBuilder(
            plan: ScalePlan(scale), seed: seed, today: day, numbers: try IdentityNumberIssuer(list: identityNumbers))
        self.tables = try builder.build()
        self.scale = scale
        self.seed = seed
        self.today = today
        self.census = builder.census
        self.protectedPersons = builder.protectedPersons.map { RecordKey(.person, builder.identity($0).id) }
    }

    /// The records of an entity, in the order in which the source made them.
    public func records(of entity: Entity) -> [SyntheticRecord] { self.tables[entity] ?? [] }

    /// The documents of an entity as values. For a whole municipality's persons, go by ``records(of:)`` instead.
    public func documents(of entity: Entity) throws(JSONSyntaxError) -> [JSONValue] {
        var documents: [JSONValue] = []
        for record in self.records(of: entity) { documents.append(try record.document()) }
        return documents
    }

    /// How many records there are in all.
    public var recordCount: Int { self.tables.values.reduce(0) { $0 + $1.count } }

    /// SHA-256 over every document in order, in hexadecimal: equal for equal municipalities.
    public var fingerprint: String {
        var hash = SHA256()
        for entity in Entity.roster {
            for record in self.records(of: entity) { hash.update(data: record.bytes) }
        }
        return hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
