extension QualityRule {
    /// What is wrong, in the words of those who are to put it right.
    public var title: QualityText {
        switch self {
        case .schoolUnitWithoutCode:
            QualityText(sv: "Skolenhet utan skolenhetskod", en: "School unit without school unit code")
        case .schoolUnitCodeMalformed:
            QualityText(sv: "Skolenhetskod som inte är åtta siffror", en: "School unit code that isn't eight digits")
        case .schoolUnitCodeShared:
            QualityText(sv: "Två skolenheter med samma skolenhetskod", en: "Two school units with the same school unit code")
        case .organisationParentUnknown:
            QualityText(sv: "Enhet under en organisation som inte finns", en: "Unit below an organisation that isn't there")
        case .schoolWithoutUnit:
            QualityText(sv: "Skola utan skolenhet", en: "School without school unit")
        case .groupOrganisationUnknown:
            QualityText(sv: "Grupp vid en skola som inte finns", en: "Group at a school that isn't there")
        case .groupEndsBeforeStart:
            QualityText(sv: "Grupp som slutar innan den börjar", en: "Group that ends before it begins")
        case .endedGroupWithMembers:
            QualityText(sv: "Avslutad grupp med medlemmar kvar", en: "Ended group with members left")
        case .groupMemberUnknown:
            QualityText(sv: "Gruppmedlem som inte finns i registret", en: "Group member who isn't in the register")
        case .classWithoutPupils:
            QualityText(sv: "Klass utan elever", en: "Class without pupils")
        case .classWithoutMentor:
            QualityText(sv: "Klass utan mentor", en: "Class without mentor")
        case .teachingGroupWithoutTeacher:
            QualityText(sv: "Undervisningsgrupp utan lärare", en: "Teaching group without teacher")
        case .departmentWithoutStaff:
            QualityText(sv: "Avdelning utan personal", en: "Department without staff")
        case .dutyWithoutTitleCode:
            QualityText(sv: "Tjänst utan befattningskod", en: "Duty without title code")
        case .dutyTitleCodeUnknown:
            QualityText(sv: "Tjänst med en befattningskod som ingen tabell har", en: "Duty with a title code that no table has")
        case .dutyOrganisationUnknown:
            QualityText(sv: "Tjänst vid en enhet som inte finns", en: "Duty at a unit that isn't there")
        case .dutyEndsBeforeStart:
            QualityText(sv: "Tjänst som slutar innan den börjar", en: "Duty that ends before it begins")
        case .dutyHolderUnknown:
            QualityText(sv: "Tjänst vars innehavare inte finns i registret", en: "Duty whose holder isn't in the register")
        case .dutyGroupUnknown:
            QualityText(sv: "Uppdrag i en grupp som inte finns", en: "Assignment to a group that isn't there")
        case .dutyWithoutEmployment:
            QualityText(sv: "Tjänst utan anställning", en: "Duty without employment")
        case .employmentWithoutDuty:
            QualityText(sv: "Anställning utan tjänst", en: "Employment without duty")
        case .employeeUnknown:
            QualityText(sv: "Anställd som inte finns i elevregistret", en: "Employee whom the student register doesn't have")
        case .placementUnitUnknown:
            QualityText(sv: "Placering vid en enhet som inte finns", en: "Placement at a unit that isn't there")
        case .placementEndsBeforeStart:
            QualityText(sv: "Placering som slutar innan den börjar", en: "Placement that ends before it begins")
        case .placementChildUnknown:
            QualityText(
                sv: "Placering av ett barn som inte finns i registret",
                en: "Placement of a child who isn't in the register")
        case .placementGroupUnknown:
            QualityText(sv: "Placering på en avdelning som inte finns", en: "Placement in a department that isn't there")
        case .placementWithoutDepartment:
            QualityText(sv: "Placering utan avdelning", en: "Placement without department")
        case .staffWithoutEmail:
            QualityText(sv: "Anställd utan e-postadress", en: "Employee without e-mail address")
        case .staffWithoutUserName:
            QualityText(sv: "Anställd utan användarnamn (EPPN)", en: "Employee without user name (EPPN)")
        case .pupilWithoutClass:
            QualityText(sv: "Elev utan klass", en: "Pupil without class")
        case .pupilWithoutEnrolment:
            QualityText(sv: "Elev i en klass utan gällande inskrivning", en: "Pupil in a class without current enrolment")
        case .enrolmentsOverlap:
            QualityText(
                sv: "Två inskrivningar samtidigt i samma skolform",
                en: "Two enrolments at once in the same form of schooling")
        case .enrolmentEndsBeforeStart:
            QualityText(sv: "Inskrivning som slutar innan den börjar", en: "Enrolment that ends before it begins")
        case .enrolmentUnitUnknown:
            QualityText(sv: "Inskrivning vid en enhet som inte finns", en: "Enrolment at a unit that isn't there")
        case .enrolmentNotAtSchoolUnit:
            QualityText(sv: "Inskrivning vid något som inte är en skolenhet", en: "Enrolment at something that is no school unit")
        case .enrolmentAtClosedUnit:
            QualityText(sv: "Inskrivning vid en nedlagd enhet", en: "Enrolment at a closed unit")
        case .enrolmentSchoolTypeNotOffered:
            QualityText(
                sv: "Inskrivning i en skolform som enheten inte har",
                en: "Enrolment in a form of schooling that the unit lacks")
        case .placementsOverlap:
            QualityText(sv: "Två placeringar samtidigt i samma verksamhet", en: "Two placements at once in the same kind of care")
        case .childWithoutIdentityNumber:
            QualityText(sv: "Barn eller elev utan identitetsnummer", en: "Child or pupil without identity number")
        case .childWithoutBirthDate:
            QualityText(sv: "Barn eller elev utan födelsedatum", en: "Child or pupil without birth date")
        case .schoolAgeWithoutSchool:
            QualityText(sv: "Skolpliktigt barn utan skola", en: "Child of school age without school")
        case .personWithoutUnit:
            QualityText(sv: "Barn utan enhet", en: "Child without unit")
        case .deceasedWithCurrentRecords:
            QualityText(
                sv: "Avliden person med gällande placering, inskrivning eller tjänst",
                en: "Deceased person with a current placement, enrolment or duty")
        case .childWithoutGuardian:
            QualityText(sv: "Omyndigt barn utan vårdnadshavare", en: "Child under age without guardian")
        case .guardianUnknown:
            QualityText(sv: "Vårdnadshavare som inte finns i registret", en: "Guardian who isn't in the register")
        case .guardianWithoutContact:
            QualityText(sv: "Vårdnadshavare utan e-post och telefon", en: "Guardian without e-mail and telephone")
        case .guardianOfNobody:
            QualityText(sv: "Vuxen som inte hör till någon", en: "Adult who belongs to nobody")
        case .registeredNumberDiffers:
            QualityText(
                sv: "Annat personnummer än i folkbokföringen",
                en: "Another identity number than in the population register")
        case .registeredNameDiffers:
            QualityText(
                sv: "Annat namn än i folkbokföringen",
                en: "Another name than in the population register")
        case .registeredGuardianMissing:
            QualityText(
                sv: "Vårdnadshavare i folkbokföringen som saknas i elevregistret",
                en: "Guardian in the population register whom the student register lacks")
        case .guardianNotRegistered:
            QualityText(
                sv: "Vårdnadshavare som inte är det i folkbokföringen",
                en: "Guardian who is none in the population register")
        case .deregisteredWithCurrentRecords:
            QualityText(
                sv: "Avregistrerad i folkbokföringen, med gällande inskrivning, placering eller tjänst",
                en: "Not registered any more, with a current enrolment, placement or duty")
        case .identityNumberShared:
            QualityText(sv: "Två personer med samma identitetsnummer", en: "Two persons with the same identity number")
        case .userNameShared:
            QualityText(sv: "Två personer med samma användarnamn (EPPN)", en: "Two persons with the same user name (EPPN)")
        case .schoolEmailShared:
            QualityText(sv: "Två personer med samma skoladress", en: "Two persons with the same school e-mail")
        }
    }
}

/// A text in the two languages that people read.
public struct QualityText: Sendable, Hashable {
    public let sv: String
    public let en: String
}

extension QualityOwner {
    public var title: QualityText {
        switch self {
        case .schoolAdministrator: QualityText(sv: "skoladministratören", en: "the school administrator")
        case .principal: QualityText(sv: "rektor", en: "the principal")
        case .humanResources: QualityText(sv: "HR", en: "HR")
        case .systemAdministrator: QualityText(sv: "systemförvaltaren", en: "the system administrator")
        }
    }
}

extension QualitySeverity {
    public var title: QualityText {
        switch self {
        case .blocks: QualityText(sv: "hindrar", en: "blocks")
        case .warns: QualityText(sv: "varnar", en: "warns")
        }
    }
}
