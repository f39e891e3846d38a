import Foundation
import Hub
import SchoolRecords
import TestChance
import Testing

@Suite("A client sees what its file names, and nothing else")
struct ProvidedFieldsTests {
    /// Every path to a value in a reply, lists and expansions followed.
    private static func paths(_ json: JSONValue, _ prefix: String = "") -> Set<String> {
        switch json {
        case .array(let elements): Set(elements.flatMap { Self.paths($0, prefix) })
        case .object(let members):
            Set(members.flatMap { name, value in Self.paths(value, prefix.isEmpty ? name : "\(prefix).\(name)") })
        default: [prefix]
        }
    }

    private static func leaves(_ shape: RecordShape, _ prefix: String = "") -> [String] {
        shape.fields.filter { prefix != "" || !["id", "meta"].contains($0.key) }.flatMap { name, field in
            Self.leaves(field, prefix.isEmpty ? name : "\(prefix).\(name)")
        }
    }

    private static func leaves(_ shape: FieldShape, _ path: String) -> [String] {
        switch shape {
        case .list(let element): Self.leaves(element, path)
        case .object(let shape): Self.leaves(shape, path)
        default: [path]
        }
    }

    private static let lists: [(path: String, entity: Entity, query: [(String, String)])] = [
        ("organisations", .organisation, []), ("persons", .person, []), ("groups", .group, []), ("duties", .duty, []),
        ("placements", .placement, []), ("activities", .activity, []), ("studyplans", .studyPlan, []), ("grades", .grade, []),
        ("attendanceSchedule", .attendanceSchedule, []), ("absences", .absence, []),
    ]

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `no reply ever holds a field that isn't named`(seed: UInt64) async throws {
        var chance = SeededRandom(seed: seed)
        var named: [Entity: Set<String>] = [:]
        var text = "purpose: test\nentities:\n"
        for (_, entity, _) in Self.lists where Int.random(in: 0..<5, using: &chance) > 0 {
            let fields = Self.leaves(entity.shape).sorted().filter { _ in Int.random(in: 0..<3, using: &chance) == 0 }
            guard !fields.isEmpty else { continue }
            named[entity] = Set(fields)
            text += "  \(entity.rawValue):\n    fields: [\(fields.joined(separator: ", "))]\n"
        }
        let always: Set<String> = ["id", "meta.created", "meta.modified"]
        let fields = named
        try await House.with(["some": text]) { house in
            try await Town(pupils: 12).move(into: house)
            func check(_ documents: [JSONValue], _ entity: Entity) {
                let allowed = always.union((fields[entity] ?? []).flatMap { [$0, "\($0).id", "\($0).displayName"] })
                for document in documents {
                    var document = document
                    document["_embedded"] = nil
                    #expect(Self.paths(document).subtracting(allowed) == [], "seed \(seed): \(entity)")
                }
            }
            for (path, entity, query) in Self.lists {
                let answer = try await house.get(path, query + [("expandReferenceNames", "true")], as: "some")
                guard fields[entity] != nil else {
                    #expect(answer.status == 403 && answer.code == "not-provided", "\(path)")
                    try await #expect(house.get("\(path)/\(Town.id(entity, 0))", as: "some").status == 403)
                    continue
                }
                #expect(answer.status == 200 && !answer.data.isEmpty, "\(path)")
                check(answer.data, entity)
                let ids = answer.ids.prefix(3).map { JSONValue.string($0) }
                let lookup = try await house.post("\(path)/lookup", ["ids": .array(Array(ids))], as: "some")
                if lookup.status != 404 { check(lookup.elements, entity) }
            }
            // What is embedded has its own entity's fields, or isn't given.
            for (expand, path, embedded) in [
                ("placements", "persons", Entity.placement), ("duties", "persons", .duty), ("groups", "activities", .group),
                ("teachers", "activities", .duty),
            ] {
                let answer = try await house.get(path, [("expand", expand)], as: "some")
                guard answer.status == 200 else {
                    #expect(answer.status == 403)
                    continue
                }
                check(answer.data.flatMap { $0["_embedded"]?[expand]?.arrayValue ?? [] }, embedded)
            }
        }
    }

    private static let narrow = """
        purpose: test
        entities:
          person:
            fields: [givenName]
          group:
            fields: [displayName]
          activity:
            fields: [displayName, groups]
        """

    @Test(
        arguments: [
            ("persons", "civicNo", "pupil-1"), ("persons", "nameContains", "a"), ("persons", "identifier.value", "x"),
            ("persons", "sortkey", "FamilyNameAsc"), ("persons", "sortkey", "DisplayNameAsc"),
            ("persons", "relationship.entity.type", "enrolment"), ("persons", "relationship.entity.type", "duty"),
            ("persons", "relationship.organisation", Town.id(.organisation, 1)), ("persons", "expand", "duties"),
            ("persons", "expand", "groupMemberships"), ("persons", "expand", "responsibleFor"), ("groups", "groupType", "Klass"),
            ("groups", "organisation", Town.id(.organisation, 1)), ("activities", "member", Town.id(.person, 1)),
            ("activities", "teacher", Town.id(.duty, 1)), ("deletedEntities", "entities", "Duty"), ("duties", "limit", "1"),
        ])
    func `nobody asks by what he may not read`(_ path: String, _ name: String, _ value: String) async throws {
        try await House.with(["narrow": Self.narrow]) { house in
            try await Town(pupils: 8).move(into: house)
            let answer = try await house.get(path, [(name, value)], as: "narrow")
            #expect(answer.status == 403)
            #expect(answer.code == "field-not-provided" || answer.code == "not-provided")
        }
    }

    @Test func `lookups by numbers that aren't provided are refused, and those by ids taken`() async throws {
        try await House.with(["narrow": Self.narrow]) { house in
            try await Town(pupils: 8).move(into: house)
            try await #expect(house.post("persons/lookup", ["civicNos": ["pupil-1"]], as: "narrow").status == 403)
            let found = try await house.post("persons/lookup", ["ids": [.string(Town.id(.person, 1))]], as: "narrow")
            #expect(found.elements.count == 1 && found.elements[0]["civicNo"] == nil)
            let sorted = try await house.get("persons", [("sortkey", "GivenNameAsc")], as: "narrow")
            #expect(sorted.status == 200 && sorted.data.allSatisfy { Self.paths($0).count == 4 })
            try await #expect(
                house.post("subscriptions", ["name": "x", "target": "https://x", "resourceTypes": ["Duty"]], as: "narrow").status
                    == 403)
        }
    }

    @Test func `a client of one school sees that school's records alone`() async throws {
        let text = "school_units: ['10000001']\n" + House.everything
        try await House.with(["one": text, "all": House.everything]) { house in
            try await Town(pupils: 24).move(into: house)
            func numbers(_ path: String, _ query: [(String, String)] = []) async throws -> Set<String> {
                Set(try await house.walk(path, query, limit: 5, as: "one").compactMap { $0["id"]?.stringValue })
            }
            let pupils = (0..<24).filter { $0 % 2 == 0 }
            // Of another school's children, those with a place here would be seen; in this town places follow the school.
            let seen = Set(pupils + pupils.map { $0 + 24 } + [48]).map { Town.id(.person, $0) }
            try await #expect(numbers("persons") == Set(seen))
            try await #expect(numbers("groups") == Set([0, 2].map { Town.id(.group, $0) }))
            try await #expect(numbers("duties") == [Town.id(.duty, 0)])
            try await #expect(numbers("placements") == Set((0..<24).filter { $0 % 6 == 0 }.map { Town.id(.placement, $0) }))
            try await #expect(numbers("activities") == Set([0, 2].map { Town.id(.activity, $0) }))
            try await #expect(numbers("grades") == Set([0, 10, 20].map { Town.id(.grade, $0) }))
            try await #expect(numbers("organisations").count == 3)
            let other = Town.id(.person, 1)
            try await #expect(house.get("persons/\(other)", as: "one").status == 404)
            try await #expect(house.get("persons/\(other)").status == 200)
            try await #expect(house.post("persons/lookup", ["ids": [.string(other)]], as: "one").json == [])
            try await #expect(house.get("persons", [("civicNo", "pupil-1")], as: "one").data.isEmpty)
        }
    }

    @Test func `a client of one form of school sees its pupils, their guardians and the staff there`() async throws {
        let text = "school_types: [GY]\n" + House.everything
        try await House.with(["gy": text]) { house in
            try await Town(pupils: 12).move(into: house)
            let persons = Set(try await house.walk("persons", limit: 100, as: "gy").compactMap { $0["id"]?.stringValue })
            let pupils = (0..<12).filter { $0 % 2 == 1 }
            #expect(persons == Set((pupils + pupils.map { $0 + 12 }).map { Town.id(.person, $0) }))
        }
    }

    @Test func `mappings that are changed count for the next question`() async throws {
        try await House.with(["some": "purpose: x\nentities:\n  person: {fields: [givenName, familyName]}\n"]) { house in
            try await Town(pupils: 8).move(into: house)
            let first = try await house.get("persons", [("sortkey", "FamilyNameAsc"), ("limit", "3")], as: "some")
            let token = try #require(first.pageToken)
            house.mappings.replace(with: try House.mappings(["some": "purpose: x\nentities:\n  person: {fields: [givenName]}\n"]))
            try await #expect(house.get("persons", [("pageToken", token)], as: "some").status == 403)
            try await #expect(house.get("persons", as: "some").data.allSatisfy { $0["familyName"] == nil })
            house.mappings.replace(with: try House.mappings(["other": House.everything]))
            try await #expect(house.get("persons", as: "some").code == "nothing-provided")
        }
    }
}
