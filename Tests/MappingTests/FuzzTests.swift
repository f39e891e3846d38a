import TestChance
import Foundation
import Mapping
import SchoolRecords
import Testing

/// Damaged files and damaged records, 100,000 in all where nothing is spared: nothing crashes, hangs or goes round in circles, and every
/// rejection names a place.
@Suite("Damaged files and damaged records")
struct FuzzTests {
    /// The name of the environment's variable that gives the seed of an earlier run again.
    private static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["KNUTPUNKT_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
    }

    /// One of everything that the language has, in few lines.
    static let everything: [String: String] = [
        "out/system.yaml": "connector: delimited_files\ndirection: target\nfuture: {send: 30}\ntown: Exempelstad\n",
        "out/person.yaml": """
        purpose: {sv: prov, en: test}
        when: [givenName exists, {any: [personStatus = Aktiv, {not: sex = Man}]}]
        let:
          school: {first: ["enrolments[current].enroledAt->id", {constant: none}]}
        rows:
          - kind: user
            key: number
            future: hold
            fields:
              number: {from: civicNo.value, transform: {identity_number: hyphenated12}, required: row, reversible: true}
              name: {concat: [givenName, familyName], with: " ", transform: [name, ascii, {limit: 20}]}
              mail: {join: emails.value, with: ";", default: none}
              count: {count: "emails[type in Privat | Skola elev]"}
              is: {holds: birthDate >= today - 30 days}
              text: {template: "{givenName}-{id}", when: school != none}
              town: {setting: town, purpose: why}
              sex: {from: sex, lookup: {table: t, find: a, give: b, otherwise: {value: x}}}
          - kind: part
            key: [p, q]
            each: {part: {split: familyName, by: ","}, responsible: "responsibles[relationType = Vårdnadshavare]"}
            when: part starts with A
            fields:
              p: {from: part, required: row}
              q: {from: responsible.person->civicNo.value, transform: {replace: {a: b}}, required: true}
        examples:
          - {name: n, input: {id: p, givenName: Prov}, output: nothing}
        """,
        "in/system.yaml": "connector: rest\ndirection: source\n",
        "in/person.yaml": """
        purpose: prov
        fields:
          id: {from: number, required: true}
          givenName: {from: name, transform: {part: {number: 1, separator: " "}}, required: true}
          familyName: {first: [surname, name]}
          birthDate: {from: born, transform: [{parse_date: dd/MM yyyy}, {add_days: 1}]}
          emails:
            each: {mail: {split: mails, by: ","}}
            fields: {value: {from: mail, transform: email, required: row}}
        """,
        "codes/t.csv": "# remark\na,b\nMan,1\n\"Kvinna\",2\n",
        "authority.yaml": "entities: {person: in}\n",
    ]

    private static let words = [
        "from", "first", "count", "join", "concat", "holds", "template", "constant", "setting", "when", "transform", "lookup",
        "each",
        "split", "by", "rows", "fields", "kind", "key", "let", "examples", "required", "row", "true", "current", "today",
        "givenName",
        "emails", "enrolments", "person", "any", "not", "all", "null", "future", "purpose", "date", "limit", "words", "otherwise",
    ]

    @Test(.timeLimit(.minutes(5)))
    func `damaged files are taken or refused with a place, and nothing worse`() {
        let seed = Self.seed()
        var random = SeededRandom(seed: seed)
        let names = Self.everything.keys.sorted()
        var counts = (cases: 0, refused: 0, slowest: Duration.zero)
        while counts.cases < TestEffort.cases(20_000, sparing: 5_000) {
            var files = Self.everything
            let name = Bool.random(using: &random) ? "out/person.yaml" : names.randomElement(using: &random) ?? ""
            files[name] = DamagedText.of(files[name] ?? "", words: Self.words, &random)
            // Together with the other files once in a while; by itself it is as damaged, and quicker.
            if Int.random(in: 0..<8, using: &random) > 0, name.hasPrefix("out/") {
                files = files.filter { !$0.key.hasPrefix("in/") && $0.key != "authority.yaml" }
            }
            let clock = ContinuousClock()
            counts.slowest = max(counts.slowest, clock.measure { self.check(files, seed, counts.cases, &counts.refused) })
            counts.cases += 1
        }
        print("damaged files: \(counts.cases) cases, \(counts.refused) refused, slowest \(counts.slowest), seed \(seed)")
        #expect(counts.refused > 1_000 && counts.refused < counts.cases, "seed \(seed)")
        #expect(counts.slowest < .seconds(5), "seed \(seed)")
    }

    private func check(_ files: [String: String], _ seed: UInt64, _ round: Int, _ refused: inout Int) {
        let load = Files.load(files)
        let errors = load.diagnostics.filter { $0.severity == .error }
        if let set = load.set {
            if !errors.isEmpty { Issue.record("taken with errors; seed \(seed), case \(round)") }
            if round.isMultiple(of: 16) {
                _ = set.runExamples()
                _ = set.fieldUses
            }
            return
        }
        refused += 1
        if errors.isEmpty { Issue.record("refused without a reason; seed \(seed), case \(round)") }
        for diagnostic in errors {
            let isPlaced = files[diagnostic.file] != nil || diagnostic.file == "authority.yaml"
            if !isPlaced || diagnostic.line < 1 || diagnostic.column < 1 || diagnostic.message.isEmpty {
                Issue.record("\(diagnostic); seed \(seed), case \(round)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `damaged records are mapped or fail with a place, and nothing worse`() throws {
        let seed = Self.seed()
        var random = SeededRandom(seed: seed)
        let shipped = try #require(MappingSet.load(directory: Files.directory).set)
        let everything = try #require(Files.load(Self.everything).set)
        let systems = shipped.systems.merging(shipped.inactive, uniquingKeysWith: { first, _ in first }).keys.sorted()
        let all = systems.flatMap { system in Entity.allCases.map { (system, $0) } }
        let mappings =
            all.compactMap { system, entity in shipped.outbound(system: system, entity: entity).map { (entity, $0) } }
            + [(Entity.person, try #require(everything.outbound(system: "out", entity: .person)))]
        let sources =
            all.compactMap { system, entity in shipped.inbound(system: system, entity: entity).map { (entity, $0) } }
            + [(Entity.person, try #require(everything.inbound(system: "in", entity: .person)))]
        #expect(mappings.count > 15 && sources.count > 15)
        // What a source sends has another form than the standard's, which the examples show.
        let examples = Dictionary(grouping: shipped.exampleInputs, by: \.file)
        var counts = (cases: 0, failed: 0, slowest: Duration.zero)
        while counts.cases < TestEffort.cases(80_000, sparing: 20_000) {
            let clock = ContinuousClock()
            counts.slowest = max(
                counts.slowest,
                clock.measure {
                    do throws(MappingFailure) {
                        if counts.cases.isMultiple(of: 3) {
                            let (entity, mapping) = sources[counts.cases / 3 % sources.count]
                            let example = examples[mapping.file]?.randomElement(using: &random)
                            let document = example.map { RandomDocument.damaged($0.input, &random) }
                            _ = try mapping.apply(document ?? RandomDocument.of(.object(entity.shape), &random), today: today)
                        } else {
                            let (entity, mapping) = mappings[counts.cases % mappings.count]
                            let example = examples[mapping.file]?.randomElement(using: &random)
                            let record =
                                Bool.random(using: &random)
                                ? example.map { RandomDocument.damaged($0.input, &random) } : nil
                            try self.follow(mapping, record ?? RandomDocument.of(.object(entity.shape), &random), &random)
                        }
                    } catch {
                        counts.failed += 1
                        if error.line < 1 || error.column < 1 || !error.file.hasSuffix(".yaml") || error.field.isEmpty {
                            Issue.record("\(error); seed \(seed), case \(counts.cases)")
                        }
                    }
                })
            counts.cases += 1
        }
        print("damaged records: \(counts.cases) cases, \(counts.failed) failed, slowest \(counts.slowest), seed \(seed)")
        #expect(counts.failed > 1_000 && counts.failed < counts.cases, "seed \(seed)")
        #expect(counts.slowest < .seconds(5), "seed \(seed)")
    }

    /// Gives what is asked for until nothing more is.
    private func follow(
        _ mapping: OutboundMapping, _ record: JSONValue, _ random: inout SeededRandom
    ) throws(MappingFailure) {
        var lookedUp: [RecordKey: LookedUp] = [:]
        for _ in 0..<50 {
            guard case .needs(let keys) = try mapping.apply(record, today: today, lookedUp: lookedUp) else { return }
            for key in keys.sorted() {
                if lookedUp[key] != nil { Issue.record("\(key) is asked for again") }
                lookedUp[key] =
                    Bool.random(using: &random) ? .found(RandomDocument.of(.object(key.entity.shape), &random)) : .missing
            }
        }
        Issue.record("it goes on asking")
    }

    @Test(arguments: ["[", "{a: ", "- ", "a: {b: [", "{not: "])
    func `files nested without end are refused`(opening: String) {
        let text = "rows: " + String(repeating: opening, count: 20_000)
        let load = Files.outbound(text)
        #expect(load.set == nil)
        #expect(load.diagnostics.contains { $0.severity == .error && $0.file == "out/person.yaml" && $0.line >= 1 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `files of few lines that stand for endlessly many are refused`() {
        var lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
        for level in 1...12 {
            let alias = "*a\(level - 1)"
            lines.append("a\(level): &a\(level) [\(Array(repeating: alias, count: 8).joined(separator: ", "))]")
        }
        lines.append("rows: *a12")
        let load = Files.outbound(lines.joined(separator: "\n"))
        #expect(load.set == nil)
        #expect(load.diagnostics.contains { $0.severity == .error && $0.file == "out/person.yaml" && $0.line == 13 })
    }

    @Test(arguments: [21, 100_000])
    func `paths nested without end are refused`(depth: Int) {
        let open = String(repeating: "a[", count: depth)
        let closed = open + "b" + String(repeating: " exists]", count: depth)
        for path in [open, closed] {
            let load = Files.inbound("fields: {id: '\(path)', givenName: a, familyName: a}")
            #expect(load.set == nil)
            #expect(load.diagnostics.contains { $0.severity == .error && $0.line == 1 && $0.column > 1 })
        }
    }
}
