import Reconciliation
import SchoolRecords
import Testing

/// Something that is broken in a municipality without faults, and the one rule that must see it.
struct QualityFault: Sendable, CustomTestStringConvertible {
    let rule: QualityRule
    /// The record that lacks something.
    let id: String
    let isThere: @Sendable (inout QualityWorld) -> Void

    init(_ rule: QualityRule, _ id: String, _ isThere: @escaping @Sendable (inout QualityWorld) -> Void) {
        self.rule = rule
        self.id = id
        self.isThere = isThere
    }

    var testDescription: String { self.rule.rawValue }

    static let all =
        Self.places + Self.groups + Self.duties + Self.employees + Self.placements + Self.pupils + Self.families
        + Self.registrations

    private static func day(_ text: String) -> CalendarDate? { CalendarDate(text) }

    private static let places: [QualityFault] = [
        .init(.schoolUnitWithoutCode, "unit-1") { $0.organisations["unit-1"]?.schoolUnitCode = nil },
        .init(.schoolUnitCodeMalformed, "unit-1") { $0.organisations["unit-1"]?.schoolUnitCode = "1234567" },
        .init(.schoolUnitCodeShared, "unit-1") { world in
            world.organisations["unit-4"] = world.organisations["unit-1"]
            world.organisations["unit-4"]?.id = "unit-4"
        },
        .init(.organisationParentUnknown, "unit-2") { $0.organisations["unit-2"]?.parentOrganisation?.id = "nowhere" },
        .init(.schoolWithoutUnit, "school-2") { $0.organisations["unit-3"]?.parentOrganisation?.id = "school-1" },
    ]

    private static let groups: [QualityFault] = [
        .init(.groupOrganisationUnknown, "class-1") { $0.groups["class-1"]?.organisation.id = "nowhere" },
        .init(.groupEndsBeforeStart, "new-1") { world in
            world.groups["new-1"] = world.groups["teaching-1"]
            world.groups["new-1"]?.id = "new-1"
            world.groups["new-1"]?.startDate = CalendarDate(year: 2026, month: 8, day: 1)
            world.groups["new-1"]?.endDate = Self.day("2026-06-30")
        },
        .init(.endedGroupWithMembers, "old-1") { $0.groups["old-1"]?.groupMemberships?[0].endDate = Self.day("2027-06-30") },
        .init(.groupMemberUnknown, "teaching-1") { $0.groups["teaching-1"]?.groupMemberships?[0].person.id = "nobody" },
        .init(.classWithoutPupils, "class-2") { world in
            world.groups["class-2"] = world.groups["class-1"]
            world.groups["class-2"]?.id = "class-2"
            world.groups["class-2"]?.groupMemberships = nil
        },
        .init(.classWithoutMentor, "class-1") { $0.duties["duty-1"]?.assignmentRole = nil },
        .init(.teachingGroupWithoutTeacher, "teaching-1") { $0.activities["activity-1"]?.teachers = nil },
        .init(.departmentWithoutStaff, "department-1") { $0.duties["duty-2"]?.assignmentRole = nil },
    ]

    /// A second duty of the first teacher.
    private static func addDuty(_ world: inout QualityWorld, _ change: (inout Duty) -> Void) {
        guard var duty = world.duties["duty-1"] else { return }
        duty.id = "duty-9"
        change(&duty)
        world.duties["duty-9"] = duty
    }

    private static let duties: [QualityFault] = [
        .init(.dutyWithoutTitleCode, "duty-1") { $0.duties["duty-1"]?.description = "Lärare" },
        .init(.dutyTitleCodeUnknown, "duty-1") { $0.duties["duty-1"]?.description = "9998 Simhallsvakt" },
        .init(.dutyOrganisationUnknown, "duty-1") { $0.duties["duty-1"]?.dutyAt.id = "nowhere" },
        .init(.dutyEndsBeforeStart, "duty-9") { world in
            Self.addDuty(&world) {
                $0.startDate = CalendarDate(year: 2026, month: 8, day: 1)
                $0.endDate = Self.day("2025-12-31")
            }
        },
        .init(.dutyHolderUnknown, "duty-9") { Self.addDuty(&$0) { $0.person?.id = "nobody" } },
        .init(.dutyGroupUnknown, "duty-9") { Self.addDuty(&$0) { $0.assignmentRole?[0].group.id = "nothing" } },
        .init(.staffWithoutEmail, "teacher-1") { $0.persons["teacher-1"]?.emails = nil },
        .init(.staffWithoutUserName, "teacher-1") { $0.persons["teacher-1"]?.eduPersonPrincipalNames = nil },
    ]

    private static let employees: [QualityFault] = [
        .init(.dutyWithoutEmployment, "teacher-1") { world in
            let today = QualityWorld.today
            world.employees["employee-1"]?.employments?[0].periods?[0].endDate = CalendarDate(
                daysSinceEpoch: today.daysSinceEpoch - 1)
        },
        .init(.employmentWithoutDuty, "teacher-4") { world in
            world.persons["teacher-4"] = world.persons["teacher-1"]
            world.persons["teacher-4"]?.id = "teacher-4"
            world.persons["teacher-4"]?.civicNo = nil
            world.persons["teacher-4"]?.eduPersonPrincipalNames = nil
            world.persons["teacher-4"]?.emails = nil
            try? world.employ("employee-4", "teacher-4")
        },
        .init(.employeeUnknown, "employee-9") { try? $0.employ("employee-9", nil) },
    ]

    /// A second placement of the small child.
    private static func addPlacement(_ world: inout QualityWorld, _ change: (inout Placement) -> Void = { _ in }) {
        guard var placement = world.placements["placement-1"] else { return }
        placement.id = "placement-9"
        change(&placement)
        world.placements["placement-9"] = placement
    }

    private static let placements: [QualityFault] = [
        .init(.placementUnitUnknown, "placement-1") { $0.placements["placement-1"]?.placedAt.id = "nowhere" },
        .init(.placementEndsBeforeStart, "placement-9") { world in
            Self.addPlacement(&world) {
                $0.startDate = CalendarDate(year: 2026, month: 8, day: 1)
                $0.endDate = Self.day("2026-07-31")
            }
        },
        .init(.placementChildUnknown, "placement-9") { Self.addPlacement(&$0) { $0.child.id = "nobody" } },
        .init(.placementGroupUnknown, "placement-1") { $0.placements["placement-1"]?.group?.id = "nothing" },
        .init(.placementWithoutDepartment, "placement-1") { $0.placements["placement-1"]?.group = nil },
        .init(.placementsOverlap, "child-1") { Self.addPlacement(&$0) },
        .init(.personWithoutUnit, "child-1") { $0.placements["placement-1"] = nil },
    ]

    /// A second enrolment of the second pupil.
    private static func addEnrolment(_ world: inout QualityWorld, _ change: (inout Enrolment) -> Void = { _ in }) {
        guard var enrolment = world.persons["pupil-2"]?.enrolments?.first else { return }
        change(&enrolment)
        world.persons["pupil-2"]?.enrolments?.append(enrolment)
    }

    private static let pupils: [QualityFault] = [
        .init(.pupilWithoutClass, "pupil-2") { $0.groups["class-1"]?.groupMemberships?.removeLast() },
        .init(.pupilWithoutEnrolment, "pupil-2") { $0.persons["pupil-2"]?.enrolments = nil },
        .init(.enrolmentsOverlap, "pupil-2") { Self.addEnrolment(&$0) },
        .init(.enrolmentEndsBeforeStart, "pupil-2") { world in
            Self.addEnrolment(&world) {
                $0.startDate = CalendarDate(year: 2026, month: 8, day: 1)
                $0.endDate = Self.day("2026-06-30")
            }
        },
        .init(.enrolmentUnitUnknown, "pupil-2") { $0.persons["pupil-2"]?.enrolments?[0].enroledAt.id = "nowhere" },
        .init(.enrolmentNotAtSchoolUnit, "pupil-2") { $0.persons["pupil-2"]?.enrolments?[0].enroledAt.id = "school-1" },
        .init(.enrolmentAtClosedUnit, "pupil-2") { $0.organisations["unit-1"]?.endDate = Self.day("2026-06-30") },
        .init(.enrolmentSchoolTypeNotOffered, "pupil-2") { $0.persons["pupil-2"]?.enrolments?[0].schoolType = .gy },
        .init(.childWithoutIdentityNumber, "pupil-2") { $0.persons["pupil-2"]?.civicNo = nil },
        .init(.childWithoutBirthDate, "pupil-2") { world in
            world.persons["pupil-2"]?.birthDate = nil
            world.persons["pupil-2"]?.civicNo?.nationality = "FI"
        },
        .init(.schoolAgeWithoutSchool, "pupil-2") { world in
            world.persons["pupil-2"]?.enrolments = nil
            world.groups["class-1"]?.groupMemberships?.removeLast()
        },
        .init(.deceasedWithCurrentRecords, "pupil-2") { $0.persons["pupil-2"]?.personStatus = .deceased },
    ]

    private static let families: [QualityFault] = [
        .init(.childWithoutGuardian, "child-1") { $0.persons["child-1"]?.responsibles = nil },
        .init(.guardianUnknown, "child-1") { $0.persons["child-1"]?.responsibles?[0].person?.id = "nobody" },
        .init(.guardianWithoutContact, "guardian-2") { $0.persons["guardian-2"]?.emails = nil },
        .init(.guardianOfNobody, "guardian-3") { world in
            world.persons["guardian-3"] = world.persons["guardian-2"]
            world.persons["guardian-3"]?.id = "guardian-3"
            world.persons["guardian-3"]?.civicNo = nil
        },
        .init(.identityNumberShared, "guardian-1") { world in
            let number = world.persons["guardian-2"]?.civicNo
            world.persons["guardian-1"]?.civicNo = number
        },
        .init(.userNameShared, "teacher-1") { $0.persons["teacher-1"]?.eduPersonPrincipalNames = ["T2@edu.example"] },
        .init(.schoolEmailShared, "teacher-1") { $0.persons["teacher-1"]?.emails?[0].value = "T2@skola.example" },
    ]

    private static func register(_ world: inout QualityWorld, _ change: (inout Registration) -> Void) {
        guard var registration = world.registrations["registration-9"] else { return }
        change(&registration)
        world.registrations["registration-9"] = registration
    }

    private static let registrations: [QualityFault] = [
        .init(.registeredNumberDiffers, "child-9") { world in
            Self.register(&world) { $0.civicNo.value = "20220109TF02" }
        },
        .init(.registeredNameDiffers, "child-9") { world in Self.register(&world) { $0.familyName = "Nyman" } },
        .init(.registeredGuardianMissing, "child-9") { world in
            Self.register(&world) { registration in
                guard var relation = registration.relations?.first else { return }
                relation.person?.id = "guardian-2"
                registration.relations?.append(relation)
            }
        },
        .init(.guardianNotRegistered, "child-9") { world in
            guard var other = world.persons["child-9"]?.responsibles?.first else { return }
            other.person?.id = "guardian-2"
            world.persons["child-9"]?.responsibles?.append(other)
        },
        .init(.deregisteredWithCurrentRecords, "child-9") { world in
            Self.register(&world) { $0.deregistrationReason = .emigrated }
        },
    ]
}
