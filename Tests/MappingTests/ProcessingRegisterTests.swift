import Foundation
import SchoolRecords
import Testing

@testable import Mapping

@Suite("Edited mappings that give a system more are found")
struct ProcessingRegisterTests {
    private static let person = """
        purpose: Konton
        when: personStatus in Aktiv
        rows:
          - kind: account
            key: id
            fields:
              id: {from: id, required: true}
              name: {from: givenName, transform: upper}
        """
    private static let privacy = """
        systems:
          alfa:
            sekretessmarkering: {child: {give: masked, fields: {person: [enrolments]}}}
        """

    private static func register(
        _ person: String = Self.person, privacy: String = Self.privacy, more: [MappingFile] = []
    ) throws -> ProcessingRegister {
        let system = MappingFile(path: "alfa/system.yaml", text: "connector: delimited_files\ndirection: target\n")
        let files = [
            system, MappingFile(path: "alfa/person.yaml", text: person), MappingFile(path: "privacy.yaml", text: privacy),
        ]
        let load = MappingSet.load(files + more)
        return ProcessingRegister(try #require(load.set, "\(load.diagnostics)"))
    }

    private static func widening(_ person: String = Self.person, privacy: String = Self.privacy, more: [MappingFile] = []) throws
        -> [String]
    {
        try Self.register().widening(to: Self.register(person, privacy: privacy, more: more)).map {
            "\($0.kind.rawValue) \($0.system) \($0.place) \($0.detail) \($0.rule)"
        }
    }

    private static func edited(_ old: String, _ new: String) -> String {
        precondition(Self.person.contains(old))
        return Self.person.replacingOccurrences(of: old, with: new)
    }

    @Test func `the same files, and files that give less, widen nothing`() throws {
        try #expect(Self.widening() == [])
        try #expect(Self.widening(Self.edited("\n      name: {from: givenName, transform: upper}", "")) == [])
        try #expect(
            Self.widening(Self.edited("when: personStatus in Aktiv", "when: [personStatus in Aktiv, givenName exists]")) == [])
        try #expect(Self.widening(privacy: "systems: {}\n") == [])
    }

    @Test func `each way of giving more is told with its place`() throws {
        try #expect(
            Self.widening(Self.person + "\n      family: familyName\n")
                == ["field alfa target account family person.familyName alfa/person.yaml:9"])
        try #expect(
            Self.widening(Self.edited("from: givenName", "from: familyName"))
                == ["origin alfa target account name person.familyName alfa/person.yaml:8"])
        let open = try Self.widening(Self.edited("when: personStatus in Aktiv\n", ""))
        #expect(open.count == 2 && open.allSatisfy { $0.hasPrefix("condition alfa target account") }, "\(open)")
        try #expect(
            Self.widening(Self.edited(", transform: upper", "")).map { $0.hasPrefix("step alfa target account name upper") } == [
                true
            ])
        let purpose = try Self.widening(Self.edited("Konton", "Marknadsföring"))
        #expect(purpose.count == 2 && purpose.allSatisfy { $0.hasPrefix("purpose alfa") }, "\(purpose)")
        let system = [
            MappingFile(path: "beta/system.yaml", text: "connector: delimited_files\ndirection: target\n"),
            MappingFile(path: "beta/person.yaml", text: Self.person),
        ]
        try #expect(Self.widening(more: system).map { $0.hasPrefix("system beta target") } == [true])
    }

    @Test func `more of protected persons is told`() throws {
        func told(_ privacy: String) throws -> [String] {
            try Self.widening(privacy: privacy).map { String($0.prefix { $0 != ":" }) }
        }
        let fields = Self.privacy.replacingOccurrences(of: "[enrolments]", with: "[enrolments, personStatus]")
        try #expect(told(fields).map { $0.hasPrefix("field alfa sekretessmarkering child person.personStatus") } == [true])
        let lists = Self.privacy.replacingOccurrences(of: "[enrolments]}", with: "[enrolments]}, class_lists: true")
        try #expect(told(lists).map { $0.hasPrefix("class-lists alfa sekretessmarkering child") } == [true])
        let staff = Self.privacy.replacingOccurrences(
            of: "{child:", with: "{staff: {give: cleared, legal_basis: \"lag och beslut\"}, child:")
        try #expect(told(staff).map { $0.hasPrefix("clearance alfa sekretessmarkering staff cleared") } == [true])
        try #expect(told(Self.privacy + "\nfamily: {addresses: give}\n") == ["family  family addresses privacy.yaml"])
    }

    @Test func `the register survives being kept`() throws {
        let register = try Self.register()
        let again = try JSONDecoder().decode(ProcessingRegister.self, from: JSONEncoder().encode(register))
        #expect(again == register)
        #expect(register.lines.count == 2 && register.protected.count == 1)
    }

    @Test func `a system says by what right it has personal data, and how long it keeps it`() throws {
        let system = """
            connector: delimited_files
            direction: target
            processing: {legal_basis: {sv: lagen, en: the law}, retention: gallras}
            """
        let set = try #require(
            MappingSet.load([
                MappingFile(path: "alfa/system.yaml", text: system), MappingFile(path: "alfa/person.yaml", text: Self.person),
            ]).set)
        let note = try #require(set.systems["alfa"]?.processing)
        #expect(note.legalBasis == Purpose(sv: "lagen", en: "the law") && note.retention?.sv == "gallras")
        #expect(set.systems["alfa"]?.settings["processing"] == nil, "no setting of its connector")
        let wrong = MappingSet.load([
            MappingFile(path: "alfa/system.yaml", text: system.replacingOccurrences(of: "retention", with: "keep"))
        ])
        #expect(wrong.diagnostics.contains { $0.line == 3 && $0.message.contains("keep") }, "\(wrong.diagnostics)")
    }
}
