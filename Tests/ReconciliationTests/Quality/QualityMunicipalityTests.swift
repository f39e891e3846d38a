import Foundation
import Reconciliation
import SchoolRecords
import StandIns
import Testing

@Suite("Source quality of the synthetic municipality")
struct QualityMunicipalityTests {
    /// As the register holds it: nothing of protected persons.
    private static func examine(
        _ municipality: SyntheticMunicipality
    ) throws -> (findings: [QualityFinding], counts: [QualityCount], silent: Set<QualityRule>) {
        let hidden = Set(municipality.protectedPersons)
        var records: [Entity: [QualityRecord]] = [:]
        for entity in Entity.roster {
            records[entity] = try municipality.documents(of: entity).compactMap { json in
                if let subject = SchoolRecord.subject(entity, json), hidden.contains(subject) { return nil }
                return QualityRecord(entity, json)
            }
        }
        var facts = QualityFacts(
            today: CalendarDate(year: 2026, month: 11, day: 29),
            titleCode: { $0.split(separator: " ").first.map(String.init) }, withheld: Set(hidden.map(\.id)))
        for entity in QualityFacts.entities { for record in records[entity] ?? [] { facts.collect(record) } }
        var check = QualityCheck(facts)
        for entity in QualityFacts.entities { for record in records[entity] ?? [] { check.examine(record) } }
        check.finish()
        return (check.tally.takeFindings(), check.tally.counts, Set(check.silent.keys))
    }

    /// What the generator leaves out on purpose, looked up in its documents without the rules.
    private static func lacking(_ municipality: SyntheticMunicipality) throws -> [QualityRule: Set<String>] {
        let hidden = Set(municipality.protectedPersons.map(\.id))
        var lacking: [QualityRule: Set<String>] = [:]
        var guardians: Set<String> = []
        var withoutContact: Set<String> = []
        for json in try municipality.documents(of: .person) {
            guard let id = json["id"]?.stringValue, !hidden.contains(id) else { continue }
            let responsibles = json["responsibles"]?.arrayValue ?? []
            guardians.formUnion(responsibles.compactMap { $0["person"]?["id"]?.stringValue })
            if json["emails"] == nil, json["phoneNumbers"] == nil { withoutContact.insert(id) }
            let birth = json["birthDate"]?.stringValue ?? ""
            let isGrown = json["responsibles"] == nil && json["enrolments"] == nil && birth < "2008"
            if responsibles.isEmpty, !isGrown, birth > "2008-11-29" { lacking[.childWithoutGuardian, default: []].insert(id) }
        }
        lacking[.guardianWithoutContact] = withoutContact.intersection(guardians)
        var staffed: Set<String> = []
        for json in try municipality.documents(of: .duty) {
            guard let person = json["person"]?["id"]?.stringValue, !hidden.contains(person) else { continue }
            for role in json["assignmentRole"]?.arrayValue ?? [] where role["assignmentRoleType"] != "Administrativ personal" {
                if let group = role["group"]?["id"]?.stringValue { staffed.insert(group) }
            }
        }
        for json in try municipality.documents(of: .group) where json["groupType"] == "Avdelning" {
            if let id = json["id"]?.stringValue, !staffed.contains(id) {
                lacking[.departmentWithoutStaff, default: []].insert(id)
            }
        }
        return lacking
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `only what the generator leaves out is found, and all of it`(seed: UInt64) throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 600), seed: seed, today: "2026-11-29")
        let result = try Self.examine(municipality)
        #expect(
            result.silent == [
                .teachingGroupWithoutTeacher, .dutyWithoutEmployment, .registeredNumberDiffers, .registeredNameDiffers,
                .registeredGuardianMissing, .guardianNotRegistered, .deregisteredWithCurrentRecords,
            ])
        var found = Dictionary(grouping: result.findings, by: \.rule).mapValues { Set($0.map(\.key.id)) }
        let lacking = try Self.lacking(municipality)
        // A guardian counts while the child goes to school or is placed; a child's age stands in the number too.
        let contacts = found.removeValue(forKey: .guardianWithoutContact) ?? []
        #expect(contacts.isSubset(of: lacking[.guardianWithoutContact] ?? []) && contacts.count > 50)
        let alone = found.removeValue(forKey: .childWithoutGuardian) ?? []
        #expect(alone.isSuperset(of: lacking[.childWithoutGuardian] ?? []) && alone.count < 12)
        #expect(found.removeValue(forKey: .departmentWithoutStaff) == lacking[.departmentWithoutStaff])
        #expect(found.isEmpty, "\(found)")
        #expect(result.counts.reduce(0) { $0 + $1.examined } > 10_000)
    }
}
