import TestChance
import Mapping
import SchoolRecords
import Testing

@Suite("Failures say nothing of a person")
struct FailureTests {
    private func message(_ text: String) throws -> String {
        let mapping = try Files.outbound(
            "rows: [{kind: k, key: id, fields: {id: {from: givenName, lookup: {table: t, find: a, give: b}, required: true}}}]",
            others: ["codes/t.csv": "a,b\n1,2\n"]
        ).outbound()
        do {
            _ = try mapping.rows(["givenName": .string(text)])
            throw Unexpected("no failure")
        } catch let failure as MappingFailure {
            #expect(failure.code == "value-without-code")
            #expect(failure.table == "codes/t.csv")
            #expect("\(failure)" == failure.message)
            return failure.message
        }
    }

    @Test(arguments: ["9998", "401010", "K171", "GRÅ", "a.b-c_d", "HT2026"])
    func `a missing code is named when it looks like one`(code: String) throws {
        #expect(
            try self.message(code)
                == "out/person.yaml:1: the code \(code) has no row in codes/t.csv, column a, for id. Add a row.")
    }

    @Test(arguments: [
        "20130101TF01", "20130101-TF01", "130101-TF01", "2013-01-01", "0701740605", "070-1740605", "Prov Provsson",
        "prov@post.example",
        "Storgatan 1", "ett långt ord utan mellanslag".replacing(" ", with: ""), "x/y", "",
    ])
    func `a missing code that may be a person's isn't`(text: String) throws {
        guard !text.isEmpty else { return }
        let message = try self.message(text)
        #expect(message == "out/person.yaml:1: a value has no row in codes/t.csv, column a, for id. Add a row.")
    }

    @Test func `no failure of a shipped mapping holds anything of the record`() throws {
        let set = try #require(MappingSet.load(directory: Files.directory).set)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var failures = 0
        for round in 0..<400 {
            let entity = Entity.roster[round % Entity.roster.count]
            let document = RandomDocument.of(.object(entity.shape), &random)
            let secrets = RandomDocument.texts(in: document)
            var messages: [String] = []
            do throws(MappingFailure) {
                _ = try set.inbound(system: "edlevo", entity: entity)?.apply(document, today: today)
            } catch {
                messages.append(error.message + error.field + error.code)
            }
            do throws(MappingFailure) {
                var lookedUp: [RecordKey: LookedUp] = [:]
                while let mapping = set.outbound(system: "unikum", entity: entity),
                    case .needs(let keys) = try mapping.apply(document, today: today, lookedUp: lookedUp)
                {
                    for key in keys { lookedUp[key] = .found(RandomDocument.of(.object(key.entity.shape), &random)) }
                }
            } catch {
                messages.append(error.message + error.field + error.code)
            }
            failures += messages.count
            for message in messages {
                #expect(!secrets.contains { message.contains($0) }, "seed \(seed)")
            }
        }
        #expect(failures > 50)
    }
}
