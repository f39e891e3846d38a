import TestChance
import Mapping
import SchoolRecords
import Testing

@Suite("There and back")
struct ReversalTests {
    private static func value(_ path: String, in record: JSONValue) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(record)) { $0?[String($1)] }
    }

    /// Every record that gives rows comes back with every field that the mapping declares reversible, and nothing else.
    private func holds(_ mapping: OutboundMapping, _ record: JSONValue, _ seed: UInt64) throws -> Bool {
        var lookedUp: [RecordKey: LookedUp] = [:]
        for _ in 0..<8 {
            guard let result = try? mapping.apply(record, today: today, lookedUp: lookedUp) else { return false }
            switch result {
            case .needs(let keys): for key in keys { lookedUp[key] = .missing }
            case .rows(let projection):
                guard !projection.rows.isEmpty else { return false }
                let back = mapping.restored(from: projection.rows)
                for path in mapping.reversibleFields {
                    let before = Self.value(path, in: record)
                    let after = Self.value(path, in: back)
                    #expect(before == after || (after == nil && before == ""), "\(path), seed \(seed)")
                }
                return true
            }
        }
        return false
    }

    @Test func `the shipped mappings keep what they declare reversible`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let set = try #require(MappingSet.load(directory: Files.directory).set)
        for (name, system) in set.systems where system.target != nil {
            for entity in set.outboundEntities(system: name) {
                let mapping = try #require(set.outbound(system: name, entity: entity))
                guard !mapping.reversibleFields.isEmpty else { continue }
                var kept = 0
                for round in 0..<4_000 {
                    var record = RandomDocument.of(.object(entity.shape), &random)
                    record["id"] = .string("id-\(round)")
                    if entity == .person {
                        record["civicNo"] = ["value": .string("20130101TF\(10 + round % 90)")]
                        for name in ["givenName", "familyName"] { record[name] = "Prov" }
                    }
                    if entity == .organisation { record["organisationType"] = "Skola" }
                    if entity == .group {
                        record["groupType"] = "Klass"
                        record["startDate"] = "2026-08-01"
                        record["endDate"] = nil
                    }
                    guard let normal = try? SchoolRecord.validate(entity, record) else { continue }
                    if try self.holds(mapping, normal, seed) { kept += 1 }
                }
                #expect(kept > 20, "\(name) \(entity.rawValue): \(kept) records, seed \(seed)")
            }
        }
    }

    @Test func `dates, numbers, words and codes come back`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: duty
                key: id
                fields:
                  id: {from: id, required: true, reversible: true}
                  from: {from: startDate, transform: {date: dd/MM yyyy}, reversible: true}
                  share: {from: dutyPercent, reversible: true}
                  who: {from: person.id, reversible: true}
                  role: {from: dutyRole, lookup: {table: roles, find: role, give: code}, reversible: true}
            """, entity: .duty, others: ["codes/roles.csv": "role,code\nRektor,R\nLärare,L\n"]
        ).outbound(.duty)
        let record: JSONValue = [
            "id": "d1", "startDate": "2026-08-01", "dutyPercent": 80, "person": ["id": "p1"], "dutyRole": "Lärare",
        ]
        #expect(mapping.restored(from: try mapping.rows(record)) == record)
        #expect(mapping.reversibleFields == ["id", "startDate", "dutyPercent", "person.id", "dutyRole"])
    }

    @Test func `a table that gives the same for different values can't be reversed`() {
        let lines = Files.outbound(
            """
            rows:
              - kind: duty
                key: id
                fields:
                  id: {from: id, required: true}
                  role: {from: dutyRole, lookup: {table: roles, find: role, give: code}, reversible: true}
            """, entity: .duty, others: ["codes/roles.csv": "role,code\nRektor,R\nLärare,R\n"]
        ).lines.filter { $0.contains("error") }
        #expect(lines.count == 1 && lines[0].contains("codes/roles.csv gives the same for different values"))
    }
}
