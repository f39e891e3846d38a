import TestChance
import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("The mappings of the project")
struct ShippedMappingsTests {
    private let load = MappingSet.load(directory: Files.directory)

    private static func files() throws -> [MappingFile] {
        let root = URL(fileURLWithPath: Files.directory)
        let enumerator = try #require(FileManager.default.enumerator(atPath: root.path))
        return try enumerator.compactMap { $0 as? String }.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".csv") }.map {
            MappingFile(path: $0, text: try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8))
        }
    }

    private func set() throws -> MappingSet { try #require(self.load.set, "\(self.load.diagnostics)") }

    @Test func `the table of titles has Edlevo's 132 codes, and differs from it in seven rows that say why`() throws {
        let file = try #require(try Self.files().first { $0.path == "codes/title_code.csv" })
        let lines = file.text.split(separator: "\n").map(String.init)
        let rows = lines.filter { !$0.hasPrefix("#") }.dropFirst()
        #expect(rows.count == 132)
        #expect(Set(rows.compactMap { $0.split(separator: ",").first }).count == 132)
        for (code, role) in [
            ("2084", "Övrig arbetsledning"), ("2085", "Övrig arbetsledning"), ("2726", "Övrig arbetsledning"),
            ("401010", "Förskollärare"), ("402011", "Fritidspedagog"), ("G773", "Annan personal"), ("207014", "Annan personal"),
        ] {
            let index = try #require(lines.firstIndex { $0.hasPrefix(code + ",") })
            #expect(lines[index].contains("," + role + ","))
            #expect(lines[index - 1].hasPrefix("#"), "\(code) has no remark above it")
        }
        // The demo shows what a code without a row does.
        #expect(!rows.contains { $0.hasPrefix("X901,") })
    }

    @Test func `a setting that the configuration replaces holds in the mappings`() throws {
        let load = MappingSet.load(directory: Files.directory) { system, settings in
            guard system == "unikum", case .object(var members) = settings else { return settings }
            members["organisation_id"] = "annan-kommun"
            return .object(members)
        }
        let set = try #require(load.set)
        let record: JSONValue = ["id": "o", "displayName": "Prov", "organisationType": "Skola"]
        let mapping = try #require(set.outbound(system: "unikum", entity: .organisation))
        let today = try #require(CalendarDate("2026-08-17"))
        guard case .rows(let projection) = try mapping.apply(record, today: today, lookedUp: [:]) else {
            Issue.record("nothing has to be looked up")
            return
        }
        #expect(projection.rows.first { $0.kind == "school_in_org" }?.fields["to"] == "annan-kommun")
    }

    @Test func `they load without a remark`() throws {
        #expect(self.load.diagnostics.map(\.description) == [])
        let set = try self.set()
        #expect(set.inboundEntities(system: "edlevo") == Entity.roster)
        #expect(set.outboundEntities(system: "unikum") == Entity.roster + [.roleGrant])
        #expect(set.inboundEntities(system: "unikum").isEmpty && set.outboundEntities(system: "edlevo").isEmpty)
        #expect(Entity.roster.allSatisfy { set.authority(for: $0) == "edlevo" })
        #expect(set.systems.keys.sorted() == ["edlevo", "unikum"])
        #expect(
            set.inactive.keys.sorted() == [
                "admissions", "csn", "digiexam", "dnp", "edlevoemployments", "egil", "eservice", "hr", "kaa", "navet",
                "openeplatform",
                "skola24", "skola24files",
                "skolon", "teams", "tempus", "vega",
            ])
    }

    @Test func `those that are switched off go the ways that they are documented with`() throws {
        let load = MappingSet.load(directory: Files.directory) { _, settings in
            guard case .object(var members) = settings else { return settings }
            members["enabled"] = true
            if case .object(var source)? = members["source"] {
                source["enabled"] = true
                members["source"] = .object(source)
            }
            return .object(members)
        }
        let set = try #require(load.set, "\(load.diagnostics)")
        let ways = set.systems.mapValues { system in
            [set.inboundEntities(system: system.name), set.outboundEntities(system: system.name)]
        }
        #expect(
            ways == [
                "edlevo": [Entity.roster, []], "unikum": [[.roleGrant, .accountStatus], Entity.roster + [.roleGrant]],
                "hr": [[.employee], []], "navet": [[.registration], []],
                "openeplatform": [[.transportApplication, .contactRequest], []], "edlevoemployments": [[], [.employee]],
                "eservice": [[.transportApplication], [.transportDecision]], "kaa": [[], [.notice]],
                "skola24": [
                    [.activity, .calendarEvent, .attendance, .absence, .roleGrant, .accountStatus, .lessonReport],
                    [.absence, .roleGrant],
                ],
                "admissions": [[], [.group]], "csn": [[], [.person, .aggregatedAttendance]],
                "digiexam": [[], [.person, .roleGrant]],
                "skola24files": [[], [.person, .duty, .placement]],
                "tempus": [
                    [.attendanceSchedule, .attendanceEvent, .absence, .roleGrant, .accountStatus],
                    [.organisation, .group, .placement, .absence, .roleGrant],
                ],
                "skolon": [[.roleGrant, .accountStatus], [.roleGrant]],
                "egil": [[], [.organisation, .person, .group, .duty, .activity]],
                "teams": [[], [.organisation, .person, .group, .duty]],
                "dnp": [[], [.person, .group, .duty, .activity]],
                "vega": [
                    [.roleGrant, .accountStatus, .transportEligibility, .transportDecision],
                    [.organisation, .person, .placement, .roleGrant, .transportApplication],
                ],
            ])
        // What a system's mappings look at it is sent too, without rows.
        #expect(set.deliveredEntities(system: "tempus") == [.organisation, .person, .group, .placement, .absence, .roleGrant])
        #expect(set.deliveredEntities(system: "skola24files") == [.organisation, .person, .group, .duty, .placement])
        #expect(set.deliveredEntities(system: "unikum") == Entity.roster + [.roleGrant])
        // Every entity has a master, and only data that a purpose is told of is personal.
        for entities in ways.values { for entity in entities[0] { #expect(set.authority(for: entity) != nil, "\(entity)") } }
        #expect(set.fieldUses.filter { $0.isPersonal && $0.purpose == nil }.map(\.rule) == [])
    }

    @Test func `every example holds, and every file has some`() throws {
        let results = try self.set().runExamples()
        for result in results { #expect(result.passed, "\(result.file):\(result.line): \(result.difference ?? "")") }
        for system in ["edlevo", "unikum"] {
            for entity in Entity.roster { #expect(results.contains { $0.file == "\(system)/\(entity.rawValue).yaml" }) }
        }
    }

    @Test func `the version depends on the contents and on nothing else`() throws {
        let files = try Self.files()
        let version = try self.set().version
        for _ in 0..<5 { #expect(MappingSet.load(files.shuffled()).set?.version == version) }
        var changed = files
        let index = try #require(changed.firstIndex { $0.path == "codes/title_code.csv" })
        changed[index] = MappingFile(
            path: changed[index].path, text: changed[index].text + "9998,Simhallsvakt,Annan personal,none\n")
        #expect(MappingSet.load(changed).set?.version != version)
    }

    @Test func `the code tables have every value of the standard`() throws {
        let set = try self.set()
        let school = try #require(set.outbound(system: "unikum", entity: .organisation))
        for type in SchoolType.allCases {
            let record: JSONValue = [
                "id": "s", "displayName": "S", "organisationType": "Skola", "schoolTypes": [.string(type.rawValue)],
            ]
            #expect(throws: Never.self, "\(type)") { try school.rows(record) }
        }
        let duty = try #require(set.outbound(system: "unikum", entity: .duty))
        for role in DutyRole.allCases {
            let record: JSONValue = [
                "id": "d", "person": ["id": "t"], "dutyAt": ["id": "s"], "dutyRole": .string(role.rawValue),
                "startDate": "2020-01-01",
            ]
            #expect(throws: Never.self, "\(role)") { try duty.apply(record, today: today, lookedUp: [:]) }
        }
    }

    @Test func `a title code that the table lacks fails at its line, and works with a row added`() throws {
        let record: JSONValue = [
            "id": "d", "person": ["id": "t"], "dutyAt": ["id": "s"], "dutyRole": "Annan personal",
            "description": "9998 Simhallsvakt",
            "startDate": "2020-01-01",
        ]
        let lookedUp: [RecordKey: LookedUp] = [
            RecordKey(.person, "t"): .found(["civicNo": ["value": "19800101TF01"]]),
            RecordKey(.organisation, "s"): .found(["id": "s"]),
        ]
        var files = try Self.files()
        do {
            _ = try self.set().outbound(system: "unikum", entity: .duty)?.apply(record, today: today, lookedUp: lookedUp)
            Issue.record("the code was taken")
        } catch let failure as MappingFailure {
            #expect(failure.code == "value-without-code")
            #expect(failure.table == "codes/title_code.csv")
            #expect(failure.file == "unikum/duty.yaml")
            let text = try #require(files.first { $0.path == failure.file }?.text)
            let line = text.split(separator: "\n", omittingEmptySubsequences: false)[failure.line - 1]
            #expect(line.hasPrefix("      - from: description"))
            #expect(
                failure.message.hasPrefix("unikum/duty.yaml:\(failure.line): the code 9998 has no row in codes/title_code.csv"))
        }
        let index = try #require(files.firstIndex { $0.path == "codes/title_code.csv" })
        files[index] = MappingFile(path: files[index].path, text: files[index].text + "9998,Simhallsvakt,Annan personal,staff\n")
        let mapping = try #require(MappingSet.load(files).set?.outbound(system: "unikum", entity: .duty))
        #expect(try mapping.rows(record, lookedUp).map(\.kind) == ["staff_in_school"])
    }

    @Test func `what Edlevo gives comes through as valid records, with nothing of what isn't named`() throws {
        let set = try self.set()
        var random = SeededRandom(seed: 7)
        var taken = 0
        for round in 0..<2000 {
            let entity = Entity.roster[round % Entity.roster.count]
            guard var document = RandomDocument.of(.object(entity.shape), &random).objectValue else { continue }
            document["photo"] = "https://bild.example/hemlig"
            document["_embedded"] = ["hemligt": true]
            guard let record = try? set.inbound(system: "edlevo", entity: entity)?.apply(.object(document), today: today) else {
                continue
            }
            taken += 1
            let text = String(decoding: record.canonicalData, as: UTF8.self)
            for name in ["photo", "_embedded", "\"displayName\":\"hemlig", "externalIdentifiers", "\"x\":"]
            where entity != .organisation && entity != .group {
                #expect(!text.contains(name))
            }
        }
        #expect(taken > 100)
    }

    @Test func `the declared rows have the columns that Unikum documents`() throws {
        let settings = try #require(try self.set().systems["unikum"]?.settings)
        let rows = try #require(settings["objects"]?["rows"])
        #expect(rows["person"]?.arrayValue?.count == 19)
        #expect(rows["class"]?.arrayValue?.count == 7)
        #expect(rows["school"]?.arrayValue?.count == 15)
        for kind in ["person", "class", "school"] { #expect(rows[kind]?.arrayValue?.last == "<type>") }
        #expect(settings["relations"]?["types"]?.arrayValue?.count == 10 + 2, "two are assumed")
    }

    /// Numbers in the files are temporary ones: whatever looks like another could be a living person's.
    @Test func `no file has a number that could be somebody's`() throws {
        for file in try Self.files() {
            let words = file.text.split { !($0.isNumber || $0.isLetter || $0 == "-" || $0 == "+") }
            for word in words {
                if let number = try? PersonalIdentityNumber(
                    word, today: today, rules: IdentityNumberRules(allowsTestNumbers: true))
                {
                    #expect(number.kind == .temporary, "\(file.path)")
                }
            }
        }
    }

    @Test func `damaged files give diagnostics and never anything worse`() throws {
        let files = try Self.files()
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var refused = 0
        for _ in 0..<150 {
            var damaged = files
            let index = Int.random(in: 0..<damaged.count, using: &random)
            var characters = Array(damaged[index].text)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<characters.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: characters.remove(at: place)
                case 1: characters.insert("[]{}:-,'\"#&*|>.=\n\t å".randomElement(using: &random) ?? " ", at: place)
                default: characters.removeSubrange(place..<min(place + 20, characters.count))
                }
                if characters.isEmpty { break }
            }
            damaged[index] = MappingFile(path: damaged[index].path, text: String(characters))
            let load = MappingSet.load(damaged)
            if let set = load.set { _ = set.runExamples() } else { refused += 1 }
            for diagnostic in load.diagnostics {
                #expect(diagnostic.line > 0 && diagnostic.column > 0 && !diagnostic.message.isEmpty, "seed \(seed)")
            }
        }
        #expect(refused > 0, "seed \(seed)")
    }
}
