import Foundation
import Reconciliation
import SchoolRecords
import TestChance
import Testing

@Suite("Rules of source quality")
struct QualityRuleTests {
    @Test func `where nothing lacks nothing is found, though every rule looked at something`() throws {
        let result = try QualityWorld().examine()
        #expect(result.findings.isEmpty, "\(result.findings)")
        let examined = Set(result.counts.filter { $0.examined > 0 }.map(\.rule))
        #expect(Set(QualityRule.allCases).subtracting(examined).isEmpty)
        #expect(result.counts.allSatisfy { $0.found == 0 } && result.silent.isEmpty)
    }

    @Test func `there is a fault for each rule`() {
        #expect(Set(QualityFault.all.map(\.rule)) == Set(QualityRule.allCases))
    }

    @Test(arguments: QualityFault.all)
    func `a fault is seen by its rule, at its record, and by no other`(fault: QualityFault) throws {
        var world = try QualityWorld()
        fault.isThere(&world)
        let result = world.examine()
        #expect(Set(result.findings.map(\.rule)) == [fault.rule], "\(result.findings)")
        #expect(result.findings.contains { $0.key == RecordKey(fault.rule.entity, fault.id) }, "\(result.findings)")
        let counted = result.counts.filter { $0.found > 0 }
        #expect(Set(counted.map(\.rule)) == [fault.rule])
        #expect(counted.allSatisfy { $0.found <= $0.examined })
        // A rule that is switched off sees nothing and counts nothing.
        world.settings.off = [fault.rule]
        let without = world.examine()
        #expect(without.findings.isEmpty && !without.counts.contains { $0.rule == fault.rule })
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `the order of records changes nothing`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var world = try QualityWorld()
        // In an order of their own: a fault may take away what another one changes.
        for fault in QualityFault.all.shuffled(using: &random).prefix(12) { fault.isThere(&world) }
        let straight = world.examine { $0.sorted { "\($0)" < "\($1)" } }
        for _ in 0..<5 {
            let other = world.examine { $0.shuffled(using: &random) }
            #expect(other.findings == straight.findings && other.counts == straight.counts, "seed \(seed)")
        }
        #expect(!straight.findings.isEmpty)
    }

    @Test func `findings hold ids and codes and no value of a person's`() throws {
        var world = try QualityWorld()
        for fault in QualityFault.all { fault.isThere(&world) }
        let text = "\(world.examine().findings)"
        for value in ["Provsson", "example", "TF01", "TF02", "2015"] { #expect(!text.contains(value), "\(value)") }
    }

    // MARK: What is no fault

    @Test func `what is over is no finding`() throws {
        var world = try QualityWorld()
        let (long, ago) = (CalendarDate(year: 2020, month: 8, day: 1), CalendarDate(year: 2021, month: 6, day: 30))
        var duty = try #require(world.duties["duty-1"])
        (duty.id, duty.description, duty.dutyAt.id) = ("duty-9", "x", "nowhere")
        duty.person?.id = "nobody"
        (duty.startDate, duty.endDate) = (long, ago)
        world.duties["duty-9"] = duty
        var placement = try #require(world.placements["placement-1"])
        (placement.id, placement.placedAt.id, placement.group) = ("placement-9", "nowhere", nil)
        (placement.startDate, placement.endDate) = (long, ago)
        world.placements["placement-9"] = placement
        var enrolment = try #require(world.persons["pupil-2"]?.enrolments?.first)
        (enrolment.enroledAt.id, enrolment.startDate, enrolment.endDate) = ("nowhere", long, ago)
        world.persons["pupil-2"]?.enrolments?.append(enrolment)
        (enrolment.startDate, enrolment.endDate) = (ago, long)
        world.persons["pupil-2"]?.enrolments?.append(enrolment)
        var group = try #require(world.groups["class-1"])
        (group.id, group.organisation.id, group.startDate, group.endDate) = ("class-9", "nowhere", long, ago)
        world.groups["class-9"] = group
        var unit = try #require(world.organisations["unit-1"])
        (unit.id, unit.endDate) = ("unit-9", ago)
        world.organisations["unit-9"] = unit
        #expect(world.found.isEmpty, "\(world.examine().findings)")
    }

    @Test func `what begins within the horizon isn't missing, what begins later is`() throws {
        for (days, found) in [(60, []), (61, [QualityRule.pupilWithoutClass])] as [(Int, [QualityRule])] {
            var world = try QualityWorld()
            let day = CalendarDate(daysSinceEpoch: QualityWorld.today.daysSinceEpoch + days)
            world.groups["class-1"]?.groupMemberships?[1].startDate = day
            #expect(world.found == Set(found), "\(days)")
            world.settings.horizonDays = 61
            #expect(world.found.isEmpty)
        }
        // A child whose school begins soon isn't without school.
        var world = try QualityWorld()
        world.persons["pupil-2"]?.enrolments?[0].startDate = CalendarDate(year: 2027, month: 1, day: 10)
        #expect(world.found.isEmpty, "\(world.examine().findings)")
    }

    @Test func `protected persons are there, and nothing is told of them`() throws {
        var world = try QualityWorld()
        world.withheld = ["hidden-1", "hidden-2"]
        world.groups["class-1"]?.groupMemberships?[0].person.id = "hidden-1"
        world.groups["teaching-1"]?.groupMemberships?[0].person.id = "hidden-1"
        world.persons["child-1"]?.responsibles?[0].person?.id = "hidden-2"
        world.persons["pupil-1"] = nil
        world.placements["placement-2"] = nil
        world.groups["care-1"] = nil
        world.groups["old-1"] = nil
        world.duties["duty-3"] = nil
        world.persons["teacher-3"] = nil
        let result = world.examine()
        // The guardian of a protected child alone looks as if there were none: that number leads to nobody.
        #expect(result.findings.isEmpty, "\(result.findings)")
        let counted = result.counts.filter { $0.found > 0 }
        #expect(counted.map(\.rule) == [.guardianOfNobody] && counted.map(\.found) == [1])
        // One who carries the marking in the register is left out all the same.
        world.persons["pupil-2"]?.securityMarking = .secrecyMark
        world.persons["pupil-2"]?.civicNo = nil
        #expect(!world.examine().findings.contains { $0.key.id == "pupil-2" })
    }

    @Test func `rules that nothing can be said by are silent, and say why`() throws {
        var world = try QualityWorld()
        world.duties = [:]
        world.activities = [:]
        let result = world.examine()
        #expect(
            result.silent == [
                .classWithoutMentor, .departmentWithoutStaff, .teachingGroupWithoutTeacher, .employmentWithoutDuty,
            ])
        #expect(result.findings.allSatisfy { !result.silent.contains($0.rule) })
        world.titleCodes = []
        world.duties = try QualityWorld().duties
        world.duties["duty-1"]?.description = "9998 Simhallsvakt"
        #expect(world.found.isEmpty)
    }

    @Test func `a school that has mentor groups needs no mentor for the class`() throws {
        var world = try QualityWorld()
        world.duties["duty-1"]?.assignmentRole = nil
        world.groups["mentor-1"] = world.groups["class-1"]
        world.groups["mentor-1"]?.id = "mentor-1"
        world.groups["mentor-1"]?.groupType = .mentor
        #expect(world.examine().findings.map(\.key.id) == ["mentor-1"])
    }

    @Test func `an assignment that is over is none`() throws {
        var world = try QualityWorld()
        world.duties["duty-1"]?.assignmentRole?[0].endDate = CalendarDate(year: 2026, month: 10, day: 30)
        #expect(world.found == [.classWithoutMentor])
        world.duties["duty-1"]?.assignmentRole?[0].endDate = QualityWorld.today
        #expect(world.found.isEmpty)
    }

    @Test func `a group that has just ended may still have its members`() throws {
        var world = try QualityWorld()
        world.groups["old-1"]?.groupMemberships?[0].endDate = CalendarDate(year: 2027, month: 6, day: 30)
        for (last, found) in [
            (CalendarDate(year: 2026, month: 9, day: 29), [QualityRule.endedGroupWithMembers]),
            (CalendarDate(year: 2026, month: 9, day: 30), []), (CalendarDate(year: 2025, month: 11, day: 28), []),
        ] {
            world.groups["old-1"]?.endDate = last
            #expect(world.found == Set(found), "\(last)")
        }
    }

    @Test func `enrolments in two forms of schooling, or one after the other, don't overlap`() throws {
        var world = try QualityWorld()
        world.organisations["unit-1"]?.schoolTypes = nil
        var other = try #require(world.persons["pupil-2"]?.enrolments?.first)
        other.schoolType = .sam
        world.persons["pupil-2"]?.enrolments?.append(other)
        #expect(world.found.isEmpty)
        other.schoolType = .gr
        other.startDate = CalendarDate(year: 2027, month: 1, day: 10)
        world.persons["pupil-2"]?.enrolments?[1] = other
        #expect(world.found == [.enrolmentsOverlap])
        world.persons["pupil-2"]?.enrolments?[0].endDate = CalendarDate(year: 2027, month: 1, day: 9)
        #expect(world.found.isEmpty)
        // What is cancelled isn't there.
        world.persons["pupil-2"]?.enrolments?[0].endDate = nil
        world.persons["pupil-2"]?.enrolments?[1].cancelled = true
        #expect(world.found.isEmpty)
    }

    @Test func `who has what many have is told of three of them`() throws {
        var world = try QualityWorld()
        for number in 3...6 {
            var person = try #require(world.persons["guardian-2"])
            person.id = "guardian-\(number)"
            world.persons[person.id] = person
            var responsible = try #require(world.persons["pupil-2"]?.responsibles?.first)
            responsible.person?.id = person.id
            world.persons["child-1"]?.responsibles?.append(responsible)
        }
        let result = world.examine { $0.shuffled() }
        #expect(Set(result.findings.map(\.rule)) == [.identityNumberShared] && result.findings.count == 15)
        let last = result.findings.filter { $0.key.id == "guardian-6" }.compactMap(\.related)
        #expect(last == ["person/guardian-2", "person/guardian-3", "person/guardian-4"])
        #expect(result.counts.filter { $0.rule == .identityNumberShared }.reduce(0) { $0 + $1.found } == 5)
    }

    @Test func `whose age nobody knows counts as grown up`() throws {
        var world = try QualityWorld()
        var person = try #require(world.persons["guardian-2"])
        (person.id, person.civicNo, person.birthDate) = ("guardian-3", nil, nil)
        world.persons[person.id] = person
        #expect(world.found == [.guardianOfNobody])
    }

    @Test func `what the population register says nothing of is no difference`() throws {
        var world = try QualityWorld()
        func registered(_ change: (inout Registration) -> Void) throws -> Set<QualityRule> {
            var other = world
            var registration = try #require(other.registrations["registration-9"])
            change(&registration)
            other.registrations["registration-9"] = registration
            return other.found
        }
        // Names and custody that aren't told, a name that is one of several, a middle name that stands with the family name.
        try #expect(registered { ($0.givenName, $0.familyName, $0.middleName, $0.relations) = (nil, nil, nil, nil) }.isEmpty)
        try #expect(registered { $0.givenName = "Prov" }.isEmpty)
        try #expect(registered { $0.givenName = "Andra" } == [.registeredNameDiffers])
        world.persons["child-9"]?.familyName = "Mellan Provsson"
        try #expect(registered { _ in }.isEmpty)
        try #expect(registered { $0.middleName = nil } == [.registeredNameDiffers])
        world = try QualityWorld()
        // A guardian whom the hub doesn't know is missing; nobody can say then who isn't one.
        try #expect(registered { $0.relations?[0].person = nil } == [.registeredGuardianMissing])
        // Other responsible adults need no custody, and who is grown up has no guardians.
        var other = try #require(world.persons["child-9"]?.responsibles?.first)
        other.person?.id = "guardian-2"
        other.relationType = .authorised
        world.persons["child-9"]?.responsibles?.append(other)
        #expect(world.found.isEmpty, "\(world.examine().findings)")
        for reason in [DeregistrationReason.missing, .technical, .other, .annulledNumber] {
            try #expect(registered { $0.deregistrationReason = reason }.isEmpty, "\(reason)")
        }
        try #expect(registered { $0.deregistrationReason = .deceased } == [.deregisteredWithCurrentRecords])
    }

    // MARK: The catalogue

    @Test(arguments: QualityRule.allCases)
    func `a rule is told in two languages, with what it means and what to do, and stands in the documentation`(
        rule: QualityRule
    ) throws {
        #expect(rule.rawValue.allSatisfy { ("a"..."z").contains($0) || $0 == "-" })
        for text in [rule.title, rule.consequence, rule.remedy] {
            #expect(text.sv.count > 10 && text.en.count > 10 && text.sv != text.en)
        }
        let path = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../docs/quality.md").standardized.path
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.contains("| `\(rule.rawValue)` | \(rule.severity.rawValue) | \(rule.owner.rawValue) |"))
    }

    @Test func `severities can be changed`() {
        let settings = QualitySettings(severities: [.pupilWithoutClass: .warns])
        #expect(settings.severity(of: .pupilWithoutClass) == .warns && settings.severity(of: .enrolmentsOverlap) == .blocks)
    }
}
