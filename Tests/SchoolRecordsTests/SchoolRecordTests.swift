import TestChance
import SchoolRecords
import Testing

@Suite("SchoolRecord")
struct SchoolRecordTests {
    @Test(arguments: Entity.allCases)
    func `a record with every known field reads and writes back exactly`(entity: Entity) throws {
        let record = Samples.record(of: entity)
        #expect(try SchoolRecord.validate(entity, record) == record)
    }

    @Test(arguments: Entity.allCases)
    func `the samples have every field of the shape and no other`(entity: Entity) {
        Self.compare(Samples.record(of: entity), entity.shape, "")
    }

    private static func compare(_ json: JSONValue, _ shape: RecordShape, _ path: String) {
        for (name, field) in shape.fields {
            guard let value = json[name] else {
                Issue.record("the sample lacks \(path)\(name)")
                continue
            }
            switch (field, value) {
            case (.list(let element), .array(let values)):
                if let inner = element.fields, let first = values.first { Self.compare(first, inner, "\(path)\(name).") }
            case (_, .object): if let inner = field.fields { Self.compare(value, inner, "\(path)\(name).") }
            case (.text, .string), (.date, .string), (.integer, .integer), (.boolean, .bool): break
            default: Issue.record("\(path)\(name) has another type in the sample")
            }
        }
        #expect(Set(json.objectValue?.keys ?? []) == Set(shape.fields.keys))
    }

    @Test(arguments: Entity.allCases)
    func `what the shape allows is read, and written back exactly`(entity: Entity) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var samples = ShapeSamples(random: SeededRandom(seed: seed), share: 60)
        for _ in 0..<200 {
            let record = samples.record(entity.shape)
            #expect(try SchoolRecord.validate(entity, record) == record, "seed \(seed)")
        }
    }

    @Test(arguments: Entity.allCases)
    func `unknown fields are dropped at every level`(entity: Entity) throws {
        let record = Samples.record(of: entity)
        #expect(try SchoolRecord.validate(entity, Self.withStrangers(record)) == record)
    }

    private static func withStrangers(_ json: JSONValue) -> JSONValue {
        switch json {
        case .object(let members):
            .object(members.mapValues(Self.withStrangers).merging(["hemligt": ["a": 1], "_embedded": [1]]) { first, _ in first })
        case .array(let elements): .array(elements.map(Self.withStrangers))
        default: json
        }
    }

    @Test(arguments: Entity.allCases)
    func `every required field is missed by name and nothing else is`(entity: Entity) throws {
        let record = Samples.record(of: entity)
        for name in entity.shape.fields.keys {
            var lacking = record
            lacking[name] = nil
            var nulled = record
            nulled[name] = .null
            if Self.derived[entity] == name {
                #expect(try SchoolRecord.validate(entity, lacking)[name]?.stringValue?.contains(":") == true)
            } else if entity.shape.required.contains(name) {
                let other = entity.shape.alternatives[name]
                let expected = RecordError(
                    entity: entity, field: name, problem: other.map { "is missing, and \($0) too" } ?? "is missing")
                for without in [lacking, nulled] {
                    // What may stand for it makes the record whole.
                    if other != nil { #expect(try SchoolRecord.validate(entity, without) == lacking) }
                    let broken = Self.removing(other, from: without)
                    #expect(throws: expected) { try SchoolRecord.validate(entity, broken) }
                }
            } else {
                #expect(try SchoolRecord.validate(entity, lacking) == lacking)
                #expect(try SchoolRecord.validate(entity, nulled) == lacking)
            }
        }
    }

    private static func removing(_ name: String?, from record: JSONValue) -> JSONValue {
        guard let name else { return record }
        var record = record
        record[name] = nil
        return record
    }

    /// The two that the standard gives no id.
    private static let derived: [Entity: String] = [.schoolUnitOffering: "id", .aggregatedAttendance: "id"]

    @Test func `an error names the path and never the value`() {
        var person = Samples.person
        person["enrolments"] = [["enroledAt": ["id": "x"], "schoolType": "HEMLIG-SKOLA", "startDate": "2026-08-01"]]
        do {
            _ = try Person(json: person)
            Issue.record("an unknown school type was taken")
        } catch {
            #expect(error.field == "enrolments[0].schoolType")
            #expect(error.description == "The person's enrolments[0].schoolType is no value of SchoolTypesEnum.")
        }
    }

    @Test func `a document that is no object is refused`() {
        #expect(throws: RecordError(entity: .duty, field: "", problem: "is no JSON object")) {
            try SchoolRecord.validate(.duty, ["a"])
        }
    }

    @Test func `ids come in one form everywhere`() throws {
        var group = Samples.group
        group["id"] = "{ABCDEF00-0000-4000-8000-00000000000A}"
        group["organisation"] = ["id": "ABCDEF00-0000-4000-8000-00000000000B"]
        let normal = try Group(json: group)
        #expect(normal.id == "abcdef00-0000-4000-8000-00000000000a")
        #expect(normal.organisation.id == "abcdef00-0000-4000-8000-00000000000b")
        #expect(RecordKey.normalID("SKOLA-1") == "SKOLA-1")
    }

    @Test func `older spellings and other servers' types are read`() throws {
        var placement = Samples.placement
        placement["reason"] = "Omsorg"
        placement["maxWeeklyScheduleHours"] = "25"
        placement["startDate"] = "2026-08-01T00:00:00"
        #expect(try SchoolRecord.validate(.placement, placement) == Samples.placement)
        var organisation = Samples.organisation
        organisation["municipalityCode"] = 180
        organisation["schoolUnitCode"] = 12_345_678
        organisation["address"]?["municipalityCode"] = "0180"
        #expect(try SchoolRecord.validate(.organisation, organisation) == Samples.organisation)
        var person = Samples.person
        person["phoneNumbers"] = [["value": "0701740605", "type": "Home", "mobile": "true"]]
        #expect(try SchoolRecord.validate(.person, person) == Samples.person)
    }

    @Test func `values of wrong meaning are refused`() {
        func field(_ entity: Entity, _ name: String, _ value: JSONValue) -> String? {
            var record = Samples.record(of: entity)
            record[name] = value
            do { _ = try SchoolRecord.validate(entity, record) } catch { return error.field }
            return nil
        }
        #expect(field(.placement, "startDate", "2026-02-30") == "startDate")
        #expect(field(.placement, "startDate", "2026-08-01T12:00:00") == "startDate")
        #expect(field(.duty, "dutyPercent", 80.5.json) == "dutyPercent")
        #expect(field(.duty, "dutyPercent", ["a"]) == "dutyPercent")
        #expect(field(.organisation, "schoolTypes", "GR") == "schoolTypes")
        #expect(field(.organisation, "schoolTypes", ["GR", "XX"]) == "schoolTypes[1]")
        #expect(field(.person, "id", "") == "id")
        #expect(
            field(
                .person, "enrolments",
                [["enroledAt": ["id": "x"], "schoolType": "GR", "startDate": "2026-08-01", "schoolYear": 11]])
                == "enrolments[0].schoolYear")
        #expect(field(.group, "groupMemberships", [["person": "x"]]) == "groupMemberships[0].person")
    }

    @Test func `the standard's slips and its version before are read`() throws {
        func moved(_ entity: Entity, _ name: String, to other: String) throws -> Bool {
            let record = Samples.record(of: entity)
            var written = record
            written[other] = record[name]
            written[name] = nil
            return try SchoolRecord.validate(entity, written) == record
        }
        #expect(try moved(.attendanceSchedule, "scheduleEntries", to: "scheduleDays"))
        #expect(try moved(.attendanceEvent, "person", to: "child"))
        #expect(try moved(.grade, "organisation", to: "schoolUnit"))
        var schedule = Samples.record(of: .attendanceSchedule)
        schedule["scheduleEntries"] = [["weekOffset": 0, "dayOfWeek": "Måndag", "startTime": "7:30:00", "length": 510]]
        #expect(
            try SchoolRecord.validate(.attendanceSchedule, schedule)["scheduleEntries"] == [
                ["weekOffset": 0, "dayOfWeek": "Måndag", "startTime": "07:30", "endTime": "16:00"]
            ])
        var programme = Samples.record(of: .programme)
        programme["type"] = "Introduktionsprogram"
        programme["schoolType"] = "GYA"
        let read = try SchoolRecord.validate(.programme, programme)
        #expect(read["type"] == "Intruduktionsprogram")
        #expect(read["schoolType"] == "GYA")
        var grade = Samples.record(of: .grade)
        grade["adaptedStudyPlan"] = true
        #expect(try SchoolRecord.validate(.grade, grade)["adaptedStudyPlan"] == "true")
    }

    @Test func `normalising what is normal changes nothing`() throws {
        for entity in Entity.allCases {
            let once = try SchoolRecord.validate(entity, Self.withStrangers(Samples.record(of: entity)))
            #expect(try SchoolRecord.validate(entity, once).canonicalData == once.canonicalData)
        }
    }

    @Test func `a record is about its person`() {
        #expect(SchoolRecord.subject(.person, Samples.person) == RecordKey(.person, Samples.id(20)))
        #expect(SchoolRecord.subject(.duty, Samples.duty) == RecordKey(.person, Samples.id(23)))
        #expect(SchoolRecord.subject(.placement, Samples.placement) == RecordKey(.person, Samples.id(24)))
        #expect(SchoolRecord.subject(.group, Samples.group) == nil)
        #expect(SchoolRecord.subject(.organisation, Samples.organisation) == nil)
        // Whatever has one person among its required fields is about that person, and withheld with that person.
        for entity in Entity.allCases where entity != .person {
            let people = entity.shape.required.filter {
                if case .reference(.person)? = entity.shape.fields[$0] { true } else { false }
            }
            guard let name = people.first else { continue }
            let record = Samples.record(of: entity)
            #expect(people.count == 1)
            #expect(SchoolRecord.subject(entity, record)?.id == record[name]?["id"]?.stringValue, "\(entity)")
        }
    }
}

extension Double {
    fileprivate var json: JSONValue { .number(self) }
}
