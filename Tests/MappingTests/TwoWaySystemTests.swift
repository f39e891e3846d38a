import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("A system that is source and target at once")
struct TwoWaySystemTests {
    private static let system = """
        town: Exempelstad
        connection: {base_url: https://a.example}
        source:
          connector: ss12000
          schedule: {changes_every_seconds: 5}
        target:
          connector: ss12000_rest
          connection: {base_url: https://b.example}
          future: send
          resources: [{kind: absence, path: absences, body: {id: "{id}", town: "{town}"}}]
        """
    private static let inbound = """
        purpose: p
        fields:
          id: {from: id, required: true}
          student.id: {from: student.id, required: true}
          type: {from: type, required: true}
          startTime: {from: startTime, required: true}
          endTime: {from: endTime, required: true}
        examples:
          - input: {id: a, student: {id: b}, type: Anmäld frånvaro, startTime: 2026-11-23T07:00:00Z, endTime: 2026-11-23T08:00:00Z}
            output: {id: a, student: {id: b}, type: Anmäld frånvaro, startTime: 2026-11-23T07:00:00Z, endTime: 2026-11-23T08:00:00Z}
        """
    private static let outbound = """
        purpose: p
        rows:
          - kind: absence
            key: id
            fields: {id: {from: id, required: true}, town: {setting: town}}
        examples:
          - input: {id: a, student: {id: b}, type: Anmäld frånvaro, startTime: 2026-11-23T07:00:00Z, endTime: 2026-11-23T08:00:00Z}
            output: [{absence: {id: a, town: Exempelstad}}]
        """

    private static func load(_ files: [String: String], system: String = Self.system) -> MappingLoad {
        Files.load(["s/system.yaml": system].merging(files) { _, last in last })
    }

    @Test func `each block has settings of its own, and what stands beside them holds for both`() throws {
        let set = try #require(Self.load([:]).set)
        let system = try #require(set.systems["s"])
        let (source, target) = (try #require(system.source), try #require(system.target))
        #expect(system.directions == [.source, .target])
        #expect(source.connector == "ss12000" && target.connector == "ss12000_rest")
        #expect(source.settings["connection"]?["base_url"] == "https://a.example")
        #expect(target.settings["connection"]?["base_url"] == "https://b.example")
        #expect(source.settings["town"] == "Exempelstad" && target.settings["town"] == "Exempelstad")
        #expect(source.settings["target"] == nil && source.settings["resources"] == nil)
        #expect(target.settings["schedule"] == nil)
        #expect(system.future == .send(days: 100_000))
        #expect(source.place(of: "connection.base_url") == "connection.base_url")
        #expect(target.place(of: "connection.base_url") == "target.connection.base_url")
        #expect(target.place(of: "connector") == "target.connector" && target.place(of: "town") == "town")
        #expect(target.place(of: "batch_size") == "target.batch_size")
        #expect(system.line(of: "target.connection.base_url") == 8)
    }

    @Test func `what a file holds says for which direction it is`() throws {
        let set = try #require(Self.load(["s/absence.yaml": Self.inbound, "s/placement.yaml": "rows: []"]).set)
        #expect(set.inboundEntities(system: "s") == [.absence] && set.outboundEntities(system: "s") == [.placement])
    }

    @Test func `both directions of one entity have a file each, and examples of both are run`() throws {
        let set = try #require(Self.load(["s/in/absence.yaml": Self.inbound, "s/out/absence.yaml": Self.outbound]).set)
        #expect(set.inboundEntities(system: "s") == [.absence] && set.outboundEntities(system: "s") == [.absence])
        let results = set.runExamples()
        #expect(results.map(\.file) == ["s/in/absence.yaml", "s/out/absence.yaml"])
        for result in results { #expect(result.passed, "\(result.difference ?? "")") }
        let wrong = Self.load([
            "s/in/absence.yaml": Self.inbound.replacing("output: {id: a", with: "output: {id: x"),
            "s/out/absence.yaml": Self.outbound.replacing("town: Exempelstad}}]", with: "town: Y}}]"),
        ])
        #expect(try #require(wrong.set).runExamples().map(\.passed) == [false, false])
        // What is given of a field isn't what is taken of it.
        #expect(!set.lostFields(system: "s", entity: .absence, direction: .source).contains("endTime"))
        #expect(set.lostFields(system: "s", entity: .absence, direction: .target).contains("endTime"))
    }

    @Test func `a system of one direction may have the folders too`() throws {
        let load = Files.load(["s/system.yaml": Files.source, "s/in/absence.yaml": Self.inbound])
        #expect(try #require(load.set, "\(load.lines)").inboundEntities(system: "s") == [.absence])
    }

    @Test(
        arguments: [
            (["s/absence.yaml": "purpose: p"], "s/absence.yaml:1:1: error: a mapping file has either 'fields' (records from s)"),
            (
                ["s/absence.yaml": "fields: {}\nrows: []"],
                "s/absence.yaml:1:1: error: a mapping file has either 'fields' (records from s)"
            ),
            (
                ["s/absence.yaml": Self.outbound, "s/out/absence.yaml": Self.outbound],
                "s/out/absence.yaml:1:1: error: s/absence.yaml has the mapping of absence in this direction already"
            ),
            (["s/in/absence.yaml": Self.outbound], "s/in/absence.yaml:2:1: error: unknown key 'rows'"),
            (["s/out/pupil.yaml": Self.outbound], "s/out/pupil.yaml:1:1: error: the file is named after no entity"),
            (["t/out/absence.yaml": Self.outbound], "t/out/absence.yaml:1:1: error: there is no t/system.yaml"),
            (["s/absence.yaml": "[1]"], "s/absence.yaml:1:1: error: a mapping file is a mapping, not a list"),
        ] as [([String: String], String)])
    func `a file that fits no direction is told`(files: [String: String], expected: String) {
        let load = Self.load(files)
        #expect(load.set == nil)
        #expect(load.lines.contains { $0.hasPrefix(expected) }, "\(load.lines)")
    }

    @Test(
        arguments: [
            ("connector: x\nsource: {connector: x}", "s/system.yaml:1:12: error: 'connector' doesn't go with 'source'"),
            ("source: {connector: x}\ndirection: source", "s/system.yaml:2:12: error: 'direction' doesn't go with 'source'"),
            ("source: {connector: x}\ntarget: {a: 1}", "s/system.yaml:2:9: error: 'connector' is missing in 'target'"),
            ("source: ss12000", "s/system.yaml:1:9: error: 'source' is a mapping with 'connector'"),
            ("enabled: perhaps\nsource: {connector: x}", "s/system.yaml:1:10: error: 'enabled' is true or false"),
            ("target: {connector: x, future: now}", "s/system.yaml:1:32: error: 'future' is withhold"),
            (
                "source: {connector: x, identity_numbers: {temporary: [long]}}\ntarget: {connector: x, identity_numbers: {temporary: [no]}}",
                "s/system.yaml:2:55: error: a form of temporary numbers has four characters"
            ),
        ] as [(String, String)])
    func `a slip in the blocks is told with its place`(text: String, expected: String) {
        let load = Self.load([:], system: text)
        #expect(load.set == nil)
        #expect(load.lines.contains { $0.hasPrefix(expected) }, "\(load.lines)")
    }

    @Test func `a file for a direction that the system hasn't is told`() {
        let load = Files.load(["s/system.yaml": Files.target, "s/in/absence.yaml": Self.inbound])
        #expect(
            load.lines == [
                "s/in/absence.yaml:1:1: error: s is no source, says s/system.yaml; files in 'in' are for systems that records come from"
            ])
    }

    @Test func `a system that is switched off is checked, its examples run, and it takes no part`() throws {
        let files = ["s/in/absence.yaml": Self.inbound, "authority.yaml": "entities: {absence: s}"]
        let load = Self.load(files, system: "enabled: false\n" + Self.system)
        let set = try #require(load.set, "\(load.lines)")
        #expect(set.systems.isEmpty && set.inactive.keys.sorted() == ["s"])
        #expect(set.runExamples().map(\.passed) == [true])
        #expect(set.fieldUses.isEmpty)
        let broken = files.merging(["s/out/absence.yaml": "rows: {}"]) { _, last in last }
        #expect(Self.load(broken, system: "enabled: false\n" + Self.system).set == nil)
    }

    @Test func `one direction alone can be switched off`() throws {
        let system = Self.system.replacing("target:\n", with: "target:\n  enabled: false\n")
        let files = ["s/in/absence.yaml": Self.inbound, "s/out/absence.yaml": Self.outbound]
        let load = Self.load(files, system: system)
        let set = try #require(load.set, "\(load.lines)")
        let description = try #require(set.systems["s"])
        #expect(description.directions == [.source] && description.target == nil)
        #expect(set.inboundEntities(system: "s") == [.absence] && set.outboundEntities(system: "s").isEmpty)
        #expect(set.runExamples().map(\.passed) == [true, true])
        #expect(set.fieldUses.allSatisfy { $0.direction == "source" })
        let unclear = system.replacing("enabled: false", with: "enabled: maybe")
        #expect(
            Self.load([:], system: unclear).lines.contains {
                $0.hasPrefix("s/system.yaml:7:12: error: 'enabled' is true or false")
            })
    }

    @Test func `the configuration switches a system on, and sets a block's settings`() throws {
        let files = [MappingFile(path: "s/system.yaml", text: "enabled: false\n" + Self.system)]
        let load = MappingSet.load(files) { _, settings in
            guard case .object(var members) = settings, case .object(var target)? = members["target"] else { return settings }
            members["enabled"] = true
            target["batch_size"] = 7
            members["target"] = .object(target)
            return .object(members)
        }
        let system = try #require(load.set?.systems["s"])
        #expect(system.isEnabled && system.target?.settings["batch_size"] == 7 && system.source?.settings["enabled"] == nil)
    }

    @Test func `files of a source are told apart from those of the target`() throws {
        let files = ["s/in/absence.yaml": Self.inbound, "s/out/absence.yaml": Self.outbound]
        let before = try #require(Self.load(files).set)
        let after = try #require(
            Self.load(files.mapValues { $0.replacing("purpose: p", with: "purpose: q") }).set)
        #expect(before.changedSourceFiles(after) == ["s/in/absence.yaml"])
    }

    @Test func `files in the folders of a directory are read`() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("mappings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in [
            "s/system.yaml": Self.system, "s/in/absence.yaml": Self.inbound, "s/out/absence.yaml": Self.outbound,
        ] {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let load = MappingSet.load(directory: root.path)
        let set = try #require(load.set, "\(load.lines)")
        #expect(set.inboundEntities(system: "s") == [.absence] && set.outboundEntities(system: "s") == [.absence])
    }
}
