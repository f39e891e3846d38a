import Foundation
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Erasing, giving what is held, holding and changing the key, as people do it beside a hub that runs.
@Suite("Rights of persons and keys, as people use them", .serialized)
struct PrivacyRightsTests {
    private static func options(_ directory: String) -> Rehearsal.Options {
        Rehearsal.Options(
            scale: .custom(children: 40), seed: 11, directory: directory, mappings: Program.mappings, executable: Program.path)
    }

    private static func json(_ outcome: Program.Outcome) throws -> JSONValue { try JSONValue(parsing: Data(outcome.output.utf8)) }

    /// Texts long enough not to come about by chance.
    private static func texts(_ document: JSONValue) -> Set<String> {
        var texts: Set<String> = []
        func walk(_ value: JSONValue, _ name: String) {
            if let object = value.objectValue { for (name, value) in object { walk(value, name) } }
            if let array = value.arrayValue { for value in array { walk(value, name) } }
            guard ["givenName", "familyName", "value", "streetAddress", "eduPersonPrincipalNames"].contains(name),
                let text = value.stringValue, text.utf8.count >= 6
            else { return }
            texts.insert(text)
        }
        walk(document, "")
        return texts
    }

    /// A text as it may stand in a file, in any encoding that somebody would search in.
    private static func forms(_ text: String) -> [Data] {
        let plain = Data(text.utf8)
        var forms = [plain, Data(text.lowercased().utf8)]
        for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian] {
            if let data = text.data(using: encoding) { forms.append(data) }
        }
        for shift in 0..<3 {
            // What doesn't depend on what stands before and after.
            let coded = (Data(count: shift) + plain).base64EncodedString()
            let first = shift == 0 ? 0 : shift + 1
            let whole = (shift + plain.count) / 3 * 4
            if whole - first >= 8 { forms.append(Data(coded.dropFirst(first).prefix(whole - first).utf8)) }
        }
        return forms
    }

    @Test(.timeLimit(.minutes(5)))
    func `a stolen store names nobody; an erased person is gone; the key changes under a hub that runs`() async throws {
        try await TemporaryDirectory.with { directory in
            try await Rehearsal.with(Self.options(directory)) { rehearsal in
                let configuration = directory + "/knutpunkt.yaml"
                func run(_ arguments: [String]) async throws -> Program.Outcome {
                    try await Program.run(arguments + ["--config", configuration, "--lang", "en"])
                }
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                let people = try await rehearsal.edlevo.truth(.person)

                // Whoever takes the files.
                let texts = people.values.reduce(into: Set<String>()) { $0.formUnion(Self.texts($1)) }
                #expect(texts.count > 100)
                var found = 0
                for suffix in ["", "-wal", "-shm"] {
                    let file = directory + "/data/knutpunkt.sqlite" + suffix
                    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
                    for text in texts {
                        for form in Self.forms(text) { #expect(bytes.range(of: form) == nil, "a text in \(suffix)") }
                    }
                    // Ids stand in clear, but for those of protected persons.
                    found += people.keys.count { bytes.range(of: Data($0.utf8)) != nil }
                }
                #expect(found > 0, "the search finds what stands in clear")

                // Whoever asks for what is held.
                let open = people.filter { SecurityMarking(json: $0.value["securityMarking"]) == .none }
                let enrolled = open.filter { !($0.value["enrolments"]?.arrayValue ?? []).isEmpty }.sorted { $0.key < $1.key }
                let (id, document) = try #require(enrolled.first)
                let name = try #require(document["familyName"]?.stringValue)
                let file = directory + "/utdrag.html"
                let page = try await run(["privacy", "export", id, "--reason", "case 1", "--html", "--out", file])
                #expect(page.status == 0 && page.output.isEmpty, "\(page.errors)")
                #expect(try String(contentsOfFile: file, encoding: .utf8).contains(name))
                #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
                let twice = try await run(["privacy", "export", id, "--reason", "case 1", "--out", file])
                #expect(twice.status == 66 && twice.errors.contains("is there already"))
                let held = try await run(["privacy", "export", id, "--reason", "case 1", "--json"])
                let export = try Self.json(held)
                #expect(held.output.contains(name) && export["systems"]?["unikum"] != nil && export["holds"]?["delivery"] != nil)
                #expect(try await run(["privacy", "export", id, "--reason", "case 1"]).output.contains(name))
                let opaque = try #require(export["opaqueId"]?.stringValue)

                // Held, then erased.
                #expect(try await run(["privacy", "hold", id, "--reason", "case 2"]).status == 0)
                #expect(try await run(["privacy", "hold"]).output.contains(opaque))
                let stopped = try await run(["privacy", "erase", id, "--reason", "case 1", "--yes", "--although-active"])
                #expect(stopped.status == 77 && stopped.errors.contains("case 2"))
                #expect(try await run(["privacy", "hold", id, "--lift", "--reason", "case 2"]).status == 0)
                let dry = try await run(["privacy", "erase", id, "--reason", "case 1", "--dry-run"])
                #expect(dry.status == 0 && dry.output.contains("unikum"), "\(dry.errors)")
                #expect(try await run(["privacy", "erase", id, "--reason", "case 1"]).status == 1)
                #expect(try await run(["privacy", "erase", id, "--reason", "case 1", "--yes"]).status == 77)
                #expect(try await run(["privacy", "erasures"]).output.contains("Nobody"))
                let key = directory + "/data/hub.key"
                let before = try Data(contentsOf: URL(fileURLWithPath: key))
                let erased = try await run(["privacy", "erase", id, "--reason", "case 1", "--yes", "--although-active", "--json"])
                #expect(erased.status <= 1 && !erased.output.contains(name) && !erased.output.contains(id), "\(erased.errors)")
                let proof = try Self.json(erased)
                #expect(proof["person"]?.stringValue == opaque && proof["destroyed"]?["data_key"]?.integerValue == 1)
                try await rehearsal.settle()
                let settled = try await run(["privacy", "erasures", "--settle", "--json"])
                let done = try #require(try Self.json(settled).arrayValue?.first)
                #expect(settled.status == 0 && done["state"]?.stringValue == "done", "\(settled.output)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: key)) != before)
                #expect(try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int == 0o600)
                #expect(try String(contentsOfFile: key + ".erased", encoding: .utf8).hasPrefix(opaque + " "))
                #expect(try await run(["person", id, "--reason", "case 1"]).output.contains(name) == false)

                // Another key, while it runs and reads.
                let shown = try await run(["keys", "show", "--json"])
                let generations = try Self.json(shown).arrayValue
                #expect(shown.status == 0 && generations?.count == 1)
                let rotated = try await run(["keys", "rotate", "--reason", "yearly", "--json"])
                #expect(rotated.status == 0, "\(rotated.errors)")
                #expect(try Self.json(rotated)["generation"]?.integerValue == 3)
                try await rehearsal.settle()
                let sync = try await run(["sync", "edlevo", "--full"])
                #expect(sync.status == 0, "\(sync.errors)")
                try await rehearsal.settle()
                #expect(try await run(["doctor"]).output.contains("store"))
                let gone = try await run(["privacy", "export", id, "--reason", "case 1", "--json"])
                #expect(!gone.output.contains(name))
                let audit = try await run(["audit", "--json"])
                for action in ["person.export", "hold", "hold.lift", "erase", "erase.done", "keys.rotate"] {
                    #expect(audit.output.contains("\"\(action)\""), "\(action)")
                }
                #expect(try await run(["privacy", "restore", id, "--reason", "case 3"]).status == 0)
                #expect(try await run(["privacy", "restore", id, "--reason", "case 3"]).status == 1)
                let back = try await run(["sync", "edlevo", "--full"])
                #expect(back.status == 0, "\(back.errors)")
                #expect(try await run(["privacy", "export", id, "--reason", "case 3"]).output.contains(name))
            }
        }
    }

    @Test func `wrong use is told`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, "permissions:\n  anna: {replay: unikum, see: \"*\"}\n")
            for (arguments, status) in [
                (["privacy", "erase", "a", "--reason", " "], Int32(64)), (["privacy", "erase", "a"], 64),
                (["privacy", "erase", "20130101-TF01", "--reason", "r"], 64), (["privacy", "erase", "a", "--reason", "r"], 77),
                (["privacy", "export", "20130101-TF01", "--reason", "r"], 64),
                (["privacy", "export", "a", "--reason", "r", "--html", "--json"], 64),
                (["privacy", "export", "a", "--reason", "r"], 66), (["privacy", "hold", "a"], 64),
                (["privacy", "hold", "a", "--reason", "r"], 77),
                (["privacy", "hold", "a", "--reason", "r", "--until", "2001-01-01"], 64),
                (["privacy", "restore", "a", "--reason", "r"], 77), (["privacy", "erasures"], 0),
                (["privacy", "erasures", "--settle"], 77), (["privacy", "erasures", "--give-up", "unikum"], 64),
                (["keys", "rotate"], 64), (["keys", "rotate", "--reason", "r"], 77), (["keys", "rotate", "--dry-run"], 0),
                (["keys", "show"], 0),
            ] {
                let outcome = try await Program.run(arguments + ["--config", path], environment: ["SUDO_USER": "anna"])
                #expect(outcome.status == status, "\(arguments): \(outcome)")
            }
            let unknown = try await Program.run(
                ["privacy", "erase", "a", "--reason", "r", "--yes", "--config", try Program.configuration(directory, "")])
            #expect(unknown.status == 66)
        }
    }

    @Test func `a key that others can read is refused, and so is a file that is none`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, "")
            let key = directory + "/data/hub.key"
            #expect(try await Program.run(["keys", "show", "--config", path]).status == 0)
            for mode in [0o644, 0o640, 0o660] where geteuid() != 0 || mode != 0o640 {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
                let outcome = try await Program.run(["keys", "show", "--config", path])
                #expect(outcome.status == 78 && outcome.errors.contains("chmod 600"), "\(mode)")
            }
            try Data("inte en nyckel\n".utf8).write(to: URL(fileURLWithPath: key))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
            let outcome = try await Program.run(["keys", "show", "--config", path])
            #expect(outcome.status == 78 && outcome.errors.contains("is no hub key") && !outcome.errors.contains("inte en"))
        }
    }

    @Test func `a program keeps the key in place of a file`() async throws {
        try await TemporaryDirectory.with { directory in
            let kept = directory + "/kept"
            let program = directory + "/hub-key"
            let old = try Program.configuration(directory, "")
            #expect(try await Program.run(["keys", "show", "--config", old]).status == 0)
            try FileManager.default.moveItem(atPath: directory + "/data/hub.key", toPath: kept)
            func write(_ script: String) throws {
                try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: program))
                try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
            }
            try write("case $1 in read) cat \(kept);; write) cat > \(kept).new && mv \(kept).new \(kept);; *) exit 9;; esac")
            let path = try Program.configuration(directory, "store: {key_command: \(program)}\n")
            let before = try Data(contentsOf: URL(fileURLWithPath: kept))
            let rotated = try await Program.run(["keys", "rotate", "--reason", "r", "--config", path])
            #expect(rotated.status == 0, "\(rotated.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: kept)) != before)
            #expect(try await Program.run(["keys", "show", "--config", path]).status == 0)
            #expect(!FileManager.default.fileExists(atPath: directory + "/data/hub.key"))
            try write("echo hemligt >&2; exit 3")
            let failed = try await Program.run(["keys", "show", "--config", path])
            #expect(
                failed.status == 78 && failed.errors.contains("read ended with status 3") && !failed.errors.contains("hemligt"))
            try FileManager.default.removeItem(atPath: program)
            let none = try await Program.run(["keys", "show", "--config", path])
            #expect(none.status == 78 && none.errors.contains("can't be started"))
            let relative = try Program.configuration(directory, "store: {key_command: hub-key}\n")
            #expect(try await Program.run(["keys", "show", "--config", relative]).status == 78)
        }
    }

    @Test func `a list of the erased outside of the store keeps them out of a store that is put back`() async throws {
        try await TemporaryDirectory.with { directory in
            let list = directory + "/erased"
            let path = try Program.configuration(directory, "privacy: {erasure_list: \(list)}\n")
            let opaque = "0f0f0f0f-0000-8000-8000-000000000000"
            try Data("# the erased\n\(opaque) 2026-01-01T00:00:00Z erased\n".utf8).write(to: URL(fileURLWithPath: list))
            let outcome = try await Program.run(["privacy", "erasures", "--config", path, "--json"])
            let erasures = try JSONValue(parsing: Data(outcome.output.utf8)).arrayValue ?? []
            #expect(outcome.status == 1 && erasures.map { $0["state"]?.stringValue } == ["listed"])
            try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: list))
            let broken = try await Program.run(["privacy", "erasures", "--config", path])
            #expect(broken.status == 78 && broken.errors.contains(list))
        }
    }
}
