import Foundation
import SchoolRecords
import StandIns
import Testing

/// What Edlevo's documentation 1.4.0 says its interface holds, and that every reference leads somewhere.
@Suite struct `What the synthetic municipality holds` {
    static let seeds: [UInt64] = [1, 77, 2026]

    struct World {
        var documents: [Entity: [String: JSONValue]] = [:]
        var hasUniqueIDs = true

        /// Made once for all tests that look at it.
        static func shared(_ seed: UInt64) throws -> World { try #require(Self.made[seed]).get() }

        private static let made = Dictionary(
            uniqueKeysWithValues: `What the synthetic municipality holds`.seeds.map { seed in
                (seed, Result { try World(seed: seed) })
            })

        init(seed: UInt64, scale: SyntheticMunicipality.Scale = .custom(children: 900)) throws {
            let municipality = try SyntheticMunicipality(scale: scale, seed: seed, today: "2026-10-01")
            for entity in Entity.roster {
                let documents = try municipality.documents(of: entity)
                self.documents[entity] = Dictionary(
                    documents.map { ($0["id"]?.stringValue ?? "", $0) }, uniquingKeysWith: { first, _ in first })
                self.hasUniqueIDs = self.hasUniqueIDs && self.documents[entity]?.count == documents.count
            }
        }

        func all(_ entity: Entity) -> [JSONValue] { Array((self.documents[entity] ?? [:]).values) }

        func referred(_ entity: Entity, _ reference: JSONValue?) -> JSONValue? {
            guard let id = reference?["id"]?.stringValue, reference?.objectValue?.count == 1 else { return nil }
            return self.documents[entity]?[id]
        }
    }

    static func isEmptyOrSubset(_ value: JSONValue?, _ allowed: Set<String>) -> Bool {
        value?.stringValue.map(allowed.contains) ?? true
    }

    @Test(arguments: seeds) func `organisations are schools and their units, with the codes they should have`(
        seed: UInt64
    ) throws {
        let world = try World.shared(seed)
        #expect(world.hasUniqueIDs, "seed \(seed)")
        var children: [String: [JSONValue]] = [:]
        for organisation in world.all(.organisation) {
            let type = organisation["organisationType"]?.stringValue
            #expect(type == "Skola" || type == "Skolenhet")
            #expect(organisation["organisationNumber"] == nil)
            if type == "Skolenhet" {
                let parent = world.referred(.organisation, organisation["parentOrganisation"])
                #expect(parent?["organisationType"] == "Skola")
                children[parent?["id"]?.stringValue ?? "", default: []].append(organisation)
            } else {
                #expect(organisation["parentOrganisation"] == nil)
            }
        }
        var codes: Set<String> = []
        for school in world.all(.organisation) where school["organisationType"] == "Skola" {
            let units = children[school["id"]?.stringValue ?? ""] ?? []
            #expect(!units.isEmpty)
            let isPreschool = school["schoolTypes"] == ["FS"]
            #expect((school["organisationCode"] != nil) == isPreschool)
            let coded = units.compactMap { $0["schoolUnitCode"]?.stringValue }
            #expect(isPreschool ? coded.isEmpty : !coded.isEmpty)
            for code in coded {
                #expect(code.utf8.count == 8 && Int(code) != nil)
                #expect(codes.insert(code).inserted)
            }
        }
    }

    @Test(arguments: seeds) func `groups belong to a school and have members who exist`(seed: UInt64) throws {
        let world = try World.shared(seed)
        var types: Set<String> = []
        for group in world.all(.group) {
            types.insert(group["groupType"]?.stringValue ?? "")
            #expect(world.referred(.organisation, group["organisation"])?["organisationType"] == "Skola")
            for member in group["groupMemberships"]?.arrayValue ?? [] {
                #expect(world.referred(.person, member["person"]) != nil)
            }
        }
        #expect(types == ["Undervisning", "Klass", "Avdelning", "Övrigt"])
    }

    @Test(arguments: seeds) func `persons have what Edlevo shows, and guardians who exist`(seed: UInt64) throws {
        let world = try World.shared(seed)
        let allowed: Set<String> = [
            "id", "meta", "givenName", "middleName", "familyName", "eduPersonPrincipalNames", "civicNo", "birthDate",
            "sex",
            "securityMarking", "personStatus", "emails", "phoneNumbers", "addresses", "enrolments", "responsibles",
        ]
        var numbers: Set<String> = []
        var relations: Set<String> = []
        let staff = Set(world.all(.duty).compactMap { $0["person"]?["id"]?.stringValue })
        for person in world.all(.person) {
            let names = (person.objectValue ?? [:]).map(\.key)
            #expect(allowed.isSuperset(of: names))
            let number = person["civicNo"]?["value"]?.stringValue ?? ""
            #expect(numbers.insert(number).inserted, "numbers are unique, seed \(seed)")
            #expect(number.wholeMatch(of: /[0-9]{8}[A-Z]{2}[0-9]{2}/) != nil, "a temporary number, seed \(seed)")
            for enrolment in person["enrolments"]?.arrayValue ?? [] {
                #expect(world.referred(.organisation, enrolment["enroledAt"])?["organisationType"] == "Skolenhet")
                #expect(enrolment["cancelled"] == nil)
                #expect(["FKLASS", "GR", "GY"].contains(enrolment["schoolType"]?.stringValue))
            }
            for responsible in person["responsibles"]?.arrayValue ?? [] {
                relations.insert(responsible["relationType"]?.stringValue ?? "")
                #expect(world.referred(.person, responsible["person"]) != nil)
            }
            let isStaff = staff.contains(person["id"]?.stringValue ?? "")
            for mail in person["emails"]?.arrayValue ?? [] where mail["type"] != "Privat" {
                #expect(mail["type"] == (isStaff ? "Skola personal" : "Skola elev"))
            }
            #expect(Self.isEmptyOrSubset(person["sex"], ["Man", "Kvinna", "Okänt"]))
        }
        #expect(relations == ["Vårdnadshavare", "Annan ansvarig"])
    }

    @Test(arguments: seeds) func `duties are held at schools, with a title code first and the role Edlevo derives`(
        seed: UInt64
    ) throws {
        let world = try World.shared(seed)
        var roles: Set<String> = []
        var duties: [String: Int] = [:]
        for duty in world.all(.duty) {
            #expect(world.referred(.organisation, duty["dutyAt"])?["organisationType"] == "Skola")
            let holder = try #require(world.referred(.person, duty["person"]))
            duties[holder["id"]?.stringValue ?? "", default: 0] += 1
            let code = String(duty["description"]?.stringValue?.prefix { $0 != " " } ?? "")
            let title = EmploymentTitle(code: code)
            #expect(duty["description"]?.stringValue == title.description)
            #expect(duty["dutyRole"]?.stringValue == title.dutyRole)
            #expect(title.dutyRole != "Annan personal")
            for assignment in duty["assignmentRole"]?.arrayValue ?? [] {
                roles.insert(assignment["assignmentRoleType"]?.stringValue ?? "")
                let group = try #require(world.referred(.group, assignment["group"]))
                #expect(group["organisation"]?["id"] == duty["dutyAt"]?["id"])
            }
        }
        #expect(roles == ["Förskollärare", "Mentor", "Administrativ personal"])
        #expect(duties.values.contains { $0 > 1 })
    }

    @Test(arguments: seeds) func `every class has a mentor`(seed: UInt64) throws {
        let world = try World.shared(seed)
        var mentored: Set<String> = []
        for duty in world.all(.duty) {
            for assignment in duty["assignmentRole"]?.arrayValue ?? []
            where assignment["assignmentRoleType"] == "Mentor" {
                mentored.insert(assignment["group"]?["id"]?.stringValue ?? "")
            }
        }
        for group in world.all(.group) where group["groupType"] == "Klass" {
            #expect(mentored.contains(group["id"]?.stringValue ?? ""), "seed \(seed)")
        }
    }

    @Test(arguments: seeds) func `placements join a child, a unit and a department`(seed: UInt64) throws {
        let world = try World.shared(seed)
        for placement in world.all(.placement) {
            #expect(world.referred(.organisation, placement["placedAt"])?["organisationType"] == "Skolenhet")
            #expect(world.referred(.group, placement["group"])?["groupType"] == "Avdelning")
            #expect(world.referred(.person, placement["child"]) != nil)
            #expect(placement["owners"] == nil)
            #expect(["FS", "FTH"].contains(placement["schoolType"]?.stringValue))
        }
    }

    @Test func `some data is odd but legal`() throws {
        let world = try World(seed: 5, scale: .custom(children: 3000))
        let persons = world.all(.person)
        #expect(persons.contains { $0["middleName"] != nil })
        #expect(persons.contains { ($0["familyName"]?.stringValue?.count ?? 0) > 60 })
        #expect(persons.contains { $0["givenName"]?.stringValue?.contains("é") ?? false })
        #expect(persons.contains { $0["birthDate"] == nil })
        #expect(persons.contains { $0["sex"] == nil && $0["emails"] == nil })
        let enrolments = persons.flatMap { $0["enrolments"]?.arrayValue ?? [] }
        #expect(enrolments.contains { ($0["endDate"]?.stringValue ?? "9") < "2026-10-01" })
        #expect(enrolments.contains { ($0["startDate"]?.stringValue ?? "") > "2026-10-01" })
        let siblings = Dictionary(grouping: persons.filter { $0["responsibles"] != nil }, by: { $0["responsibles"] })
        #expect(siblings.values.contains { $0.count > 1 })
        #expect(persons.contains { $0["responsibles"]?.arrayValue?.count == 1 })
    }
}
