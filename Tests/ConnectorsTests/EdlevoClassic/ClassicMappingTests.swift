import ConnectorKit
import Connectors
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

@Suite("Edlevo's classic services and its SS 12000 interface say the same of a municipality")
struct ClassicMappingTests {
    private static func mappings(_ path: String) throws -> MappingSet {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let load = MappingSet.load(directory: root.appendingPathComponent(path).path)
        return try #require(load.set, "\(load.diagnostics)")
    }

    private static func mapped(
        _ set: MappingSet, _ system: String, _ documents: [RecordKey: JSONValue]
    ) throws -> [RecordKey: JSONValue] {
        var records: [RecordKey: JSONValue] = [:]
        for (key, document) in documents {
            guard let mapping = set.inbound(system: system, entity: key.entity),
                let mapped = try mapping.apply(document, today: CalendarDate(year: 2026, month: 11, day: 23))
            else { continue }
            records[key] = try SchoolRecord.validate(key.entity, mapped)
        }
        return records
    }

    /// Both readings of one municipality, as records.
    private static func both(
        _ body: ([RecordKey: JSONValue], [RecordKey: JSONValue]) throws -> Void
    ) async throws {
        try await EdlevoClassicHarness.with(children: 150) { harness in
            let classic = try Self.mapped(
                try Self.mappings("docs/systems/examples"), "edlevo-classic", try await harness.all())
            var truth: [RecordKey: JSONValue] = [:]
            for entity in Entity.roster {
                for (id, document) in try await harness.standIn.register.truth(entity) { truth[RecordKey(entity, id)] = document }
            }
            try body(classic, try Self.mapped(try Self.mappings("Mappings"), "edlevo", truth))
        }
    }

    @Test func `persons are the same in what both tell`() async throws {
        try await Self.both { classic, standard in
            let persons = classic.filter { $0.key.entity == .person }
            #expect(persons.count > 250)
            let fields = [
                "id", "givenName", "middleName", "familyName", "birthDate", "securityMarking", "personStatus", "emails",
            ]
            for (key, person) in persons {
                let other = try #require(standard[key])
                for field in fields { #expect(Self.sorted(person[field]) == Self.sorted(other[field]), "\(field)") }
                #expect(person["civicNo"]?["value"] == other["civicNo"]?["value"])
                #expect((person["sex"] == "Okänt" ? nil : person["sex"]) == other["sex"])
                #expect(Self.texts(person["phoneNumbers"], "value") == Self.texts(other["phoneNumbers"], "value"))
                for field in ["streetAddress", "postalCode", "locality", "municipalityCode"] {
                    #expect(Self.texts(person["addresses"], field) == Self.texts(other["addresses"], field))
                }
            }
            // Whoever isn't told of has no part in the organisation today.
            let unseen = standard.keys.filter { $0.entity == .person && persons[$0] == nil }
            let bound = Set(
                standard.values.flatMap { record in
                    (record["groupMemberships"]?.arrayValue ?? []).filter {
                        ($0["startDate"]?.stringValue ?? "") <= "2026-11-23"
                            && ($0["endDate"]?.stringValue ?? "9") >= "2026-11-23"
                    }.compactMap { $0["person"]?["id"]?.stringValue }
                })
            #expect(unseen.filter { bound.contains($0.id) }.isEmpty)
        }
    }

    @Test func `guardians, groups and memberships are the same`() async throws {
        try await Self.both { classic, standard in
            for (key, person) in classic where key.entity == .person && person["enrolments"] != nil {
                let theirs = Set((standard[key]?["responsibles"]?.arrayValue ?? []).map { $0.canonicalData })
                #expect(Set((person["responsibles"]?.arrayValue ?? []).map { $0.canonicalData }) == theirs)
                let enrolment = try #require(person["enrolments"]?.arrayValue?.first)
                let other = standard[key]?["enrolments"]?.arrayValue?.first { $0["schoolYear"] == enrolment["schoolYear"] }
                #expect(other?["schoolType"] == enrolment["schoolType"])
                #expect(other?["educationCode"] == enrolment["educationCode"])
                let unit = enrolment["enroledAt"]?["id"]?.stringValue.flatMap { classic[RecordKey(.organisation, $0)] }
                let theirUnit = other?["enroledAt"]?["id"]?.stringValue.flatMap { standard[RecordKey(.organisation, $0)] }
                #expect(unit?["schoolUnitCode"] == theirUnit?["schoolUnitCode"])
            }
            let groups = standard.filter { $0.key.entity == .group }
            #expect(groups.count > 20)
            #expect(Set(classic.keys.filter { $0.entity == .group }) == Set(groups.keys))
            for (key, group) in groups {
                let own = try #require(classic[key])
                for field in ["displayName", "groupType", "schoolType", "organisation", "startDate", "endDate"] {
                    #expect(own[field] == group[field], "\(field)")
                }
                let isDepartment = group["groupType"] == "Avdelning"
                func members(_ group: JSONValue) -> Set<String> {
                    Set(
                        (group["groupMemberships"]?.arrayValue ?? []).map { member in
                            let person = member["person"]?["id"]?.stringValue ?? ""
                            // The dates of a child in a department are those of the place.
                            return isDepartment ? person : "\(person) \(member["startDate"]?.stringValue ?? "")"
                        })
                }
                #expect(members(own) == members(group))
            }
        }
    }

    @Test func `duties and places are the same`() async throws {
        try await Self.both { classic, standard in
            let duties = classic.filter { $0.key.entity == .duty }
            #expect(duties.count > 20)
            for (key, duty) in duties {
                let other = try #require(standard[key])
                for field in ["person", "dutyAt", "dutyRole", "description", "signature", "dutyPercent", "startDate", "endDate"] {
                    #expect(duty[field] == other[field], "\(field)")
                }
            }
            // Which of several employments at a unit a task belongs to, the classic services don't say.
            func tasks(_ records: [RecordKey: JSONValue]) -> Set<String> {
                Set(
                    records.filter { duties[$0.key] != nil }.flatMap { record in
                        (record.value["assignmentRole"]?.arrayValue ?? []).map { task in
                            let place = ["person", "dutyAt"].map { record.value[$0]?["id"]?.stringValue ?? "" }
                            return place.joined(separator: " ") + String(decoding: task.canonicalData, as: UTF8.self)
                        }
                    })
            }
            #expect(tasks(classic) == tasks(standard))
            #expect(!tasks(classic).isEmpty)
            func places(_ records: [RecordKey: JSONValue]) -> Set<String> {
                Set(
                    records.filter { $0.key.entity == .placement && ($0.value["endDate"]?.stringValue ?? "9") >= "2026-11-23" }
                        .map { record in
                            ["child", "group"].map { record.value[$0]?["id"]?.stringValue ?? "" }.joined(separator: " ")
                                + " \(record.value["startDate"]?.stringValue ?? "") \(record.value["schoolType"]?.stringValue ?? "")"
                        })
            }
            #expect(places(classic) == places(standard))
        }
    }

    private static func sorted(_ value: JSONValue?) -> JSONValue? {
        guard let list = value?.arrayValue, !list.isEmpty else { return value?.arrayValue == nil ? value : nil }
        return .array(list.sorted { $0.canonicalData.lexicographicallyPrecedes($1.canonicalData) })
    }

    private static func texts(_ list: JSONValue?, _ field: String) -> [JSONValue] {
        (list?.arrayValue ?? []).compactMap { $0[field] }
    }
}
