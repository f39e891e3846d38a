extension QualityRule {
    /// What it means for other systems.
    public var consequence: QualityText {
        switch self {
        case .schoolUnitWithoutCode:
            QualityText(
                sv: "System som går efter skolenhetskoden får varken enheten eller dess elever.",
                en: "Systems that go by the school unit code get neither the unit nor its pupils.")
        case .schoolUnitCodeMalformed:
            QualityText(
                sv: "Mottagande system känner inte igen enheten, och statistiken till SCB avvisas.",
                en: "Receiving systems don't recognise the unit, and statistics to Statistics Sweden are rejected.")
        case .schoolUnitCodeShared:
            QualityText(
                sv: "Mottagande system blandar ihop enheterna: elever, klasser och behörigheter hamnar på fel skola.",
                en: "Receiving systems mix up the units: pupils, classes and permissions end up at the wrong school.")
        case .organisationParentUnknown:
            QualityText(
                sv: "Enheten hamnar utanför sin skola, och roller som gäller skolan når den inte.",
                en: "The unit stands outside its school, and roles that hold at the school don't reach it.")
        case .schoolWithoutUnit:
            QualityText(
                sv: "Inga elever kan skrivas in vid skolan så att andra system förstår det.",
                en: "No pupils can be enrolled at the school in a way that other systems understand.")
        case .groupOrganisationUnknown:
            QualityText(sv: "Gruppen når inga andra system.", en: "The group reaches no other system.")
        case .groupEndsBeforeStart:
            QualityText(
                sv: "Gruppen gäller ingen dag och syns inte i andra system.",
                en: "The group holds on no day and isn't seen in other systems.")
        case .endedGroupWithMembers:
            QualityText(
                sv: "System som bara ser till medlemskapets datum visar eleverna i fel grupp.",
                en: "Systems that only look at the membership's days show the pupils in the wrong group.")
        case .groupMemberUnknown:
            QualityText(
                sv: "Medlemskapet väntar på personen och levereras inte.",
                en: "The membership waits for the person and isn't delivered.")
        case .classWithoutPupils:
            QualityText(
                sv: "En tom klass visas i andra system, och lärare väljer fel klass.",
                en: "An empty class is shown in other systems, and teachers choose the wrong one.")
        case .classWithoutMentor:
            QualityText(
                sv: "Ingen får mentorsroll för klassen i Unikum och Skola24: ingen ser frånvaron eller kallar till samtal.",
                en: "Nobody gets the mentor's role for the class in Unikum and Skola24: nobody sees absence or calls to talks.")
        case .teachingGroupWithoutTeacher:
            QualityText(
                sv: "Ingen kan rapportera gruppens lektioner eller sätta betyg i andra system.",
                en: "Nobody can report the group's lessons or give grades in other systems.")
        case .departmentWithoutStaff:
            QualityText(
                sv: "Ingen får roll för avdelningens barn i Unikum och Tempus.",
                en: "Nobody gets a role for the department's children in Unikum and Tempus.")
        case .dutyWithoutTitleCode:
            QualityText(
                sv: "Rollen avgörs av tjänstens kategori ensam, som Edlevo ibland gissar.",
                en: "The role is decided by the duty's category alone, which Edlevo sometimes guesses.")
        case .dutyTitleCodeUnknown:
            QualityText(
                sv: "Den anställda får inga nya roller i något system.",
                en: "The employee gets no new roles in any system.")
        case .dutyOrganisationUnknown:
            QualityText(
                sv: "Den anställda får inget konto vid skolan i andra system.",
                en: "The employee gets no account at the school in other systems.")
        case .dutyEndsBeforeStart:
            QualityText(
                sv: "Tjänsten gäller ingen dag: den anställda får inga roller.",
                en: "The duty holds on no day: the employee gets no roles.")
        case .dutyHolderUnknown:
            QualityText(
                sv: "Tjänsten väntar på personen och levereras inte.",
                en: "The duty waits for the person and isn't delivered.")
        case .dutyGroupUnknown:
            QualityText(sv: "Uppdraget, t.ex. som mentor, ger ingen roll.", en: "The assignment, e.g. as mentor, gives no role.")
        case .dutyWithoutEmployment:
            QualityText(
                sv: "Någon som har slutat, eller är tjänstledig, kommer åt elevernas uppgifter.",
                en: "Somebody who has left, or is on leave, still has access to pupils' data.")
        case .employmentWithoutDuty:
            QualityText(
                sv: "Den anställda får inga roller och kommer inte in i något system.",
                en: "The employee gets no roles and can't get into any system.")
        case .employeeUnknown:
            QualityText(
                sv: "Den anställda får varken konto eller roller.",
                en: "The employee gets neither account nor roles.")
        case .placementUnitUnknown:
            QualityText(
                sv: "Barnet syns inte i Tempus och andra system.",
                en: "The child isn't seen in Tempus and other systems.")
        case .placementEndsBeforeStart:
            QualityText(
                sv: "Placeringen gäller ingen dag: inget schema kan lämnas för barnet.",
                en: "The placement holds on no day: no schedule can be given for the child.")
        case .placementChildUnknown:
            QualityText(
                sv: "Placeringen väntar på barnet och levereras inte.",
                en: "The placement waits for the child and isn't delivered.")
        case .placementGroupUnknown:
            QualityText(
                sv: "Barnet hamnar utan avdelning i andra system.",
                en: "The child is without department in other systems.")
        case .placementWithoutDepartment:
            QualityText(
                sv: "Barnet visas på enheten men på ingen avdelning i Tempus och Unikum.",
                en: "The child is shown at the unit but in no department in Tempus and Unikum.")
        case .staffWithoutEmail:
            QualityText(
                sv: "Inget konto kan skapas i system som loggar in med adressen, och inga meddelanden når fram.",
                en: "No account can be made in systems that log in by the address, and no messages arrive.")
        case .staffWithoutUserName:
            QualityText(
                sv: "Den anställda kan inte logga in genom kommunens inloggning.",
                en: "The employee can't log in through the municipality's sign-in.")
        case .pupilWithoutClass:
            QualityText(
                sv: "Eleven får ingen klass i Unikum och Skola24, och därmed ingen mentor och inget schema.",
                en: "The pupil gets no class in Unikum and Skola24, and so no mentor and no timetable.")
        case .pupilWithoutEnrolment:
            QualityText(
                sv: "Eleven räknas inte till skolan: kontot stängs eller skapas inte.",
                en: "The pupil doesn't count as the school's: the account is closed or not made.")
        case .enrolmentsOverlap:
            QualityText(
                sv: "Eleven hamnar vid två skolor, och bidraget räknas dubbelt.",
                en: "The pupil is at two schools, and the grant is counted twice.")
        case .enrolmentEndsBeforeStart:
            QualityText(
                sv: "Inskrivningen gäller ingen dag: eleven syns inte vid skolan.",
                en: "The enrolment holds on no day: the pupil isn't seen at the school.")
        case .enrolmentUnitUnknown:
            QualityText(
                sv: "Eleven hör inte till någon skola i andra system.",
                en: "The pupil belongs to no school in other systems.")
        case .enrolmentNotAtSchoolUnit:
            QualityText(
                sv: "System som går efter skolenheten hittar inte elevens skola.",
                en: "Systems that go by the school unit don't find the pupil's school.")
        case .enrolmentAtClosedUnit:
            QualityText(
                sv: "Eleven försvinner ur andra system när enheten gör det.",
                en: "The pupil vanishes from other systems as the unit does.")
        case .enrolmentSchoolTypeNotOffered:
            QualityText(
                sv: "Roller och scheman som går efter skolformen blir fel.",
                en: "Roles and timetables that go by the form of schooling go wrong.")
        case .placementsOverlap:
            QualityText(
                sv: "Barnet har två scheman i Tempus, och avgiften kan bli dubbel.",
                en: "The child has two schedules in Tempus, and may be charged twice.")
        case .childWithoutIdentityNumber:
            QualityText(
                sv: "System som går efter numret får inte eleven; betyg och prov kan inte lämnas.",
                en: "Systems that go by the number don't get the pupil; grades and tests can't be given.")
        case .childWithoutBirthDate:
            QualityText(
                sv: "Ålder och myndighet kan inte räknas ut: vårdnadshavare får fel behörighet.",
                en: "Age and majority can't be told: guardians get wrong permissions.")
        case .schoolAgeWithoutSchool:
            QualityText(
                sv: "Barnet saknas i alla skolsystem, och kommunen ansvarar för att skolplikten fullgörs.",
                en: "The child is in no school system, and the municipality answers for compulsory attendance.")
        case .personWithoutUnit:
            QualityText(
                sv: "Barnet hör inte till någon enhet och når inga andra system.",
                en: "The child belongs to no unit and reaches no other system.")
        case .deceasedWithCurrentRecords:
            QualityText(sv: "Utskick och kallelser kan gå till de efterlevande.", en: "Letters and calls may go to the bereaved.")
        case .childWithoutGuardian:
            QualityText(
                sv: "Ingen vuxen kan anmäla frånvaro, lämna schema eller få besked.",
                en: "No adult can report absence, give schedules or be told anything.")
        case .guardianUnknown:
            QualityText(
                sv: "Den vuxna får inget konto; relationen väntar på personen.",
                en: "The adult gets no account; the relation waits for the person.")
        case .guardianWithoutContact:
            QualityText(
                sv: "Skolan når inte den vuxna, och inget meddelande om frånvaro kommer fram.",
                en: "The school can't reach the adult, and no message about absence arrives.")
        case .guardianOfNobody:
            QualityText(
                sv: "Personuppgifter ligger kvar utan att någon behöver dem.",
                en: "Personal data is kept that nobody needs.")
        case .registeredNumberDiffers:
            QualityText(
                sv:
                    "Personen hittas inte i system som går efter numret, och ett nytt konto läggs upp när numret till slut ändras.",
                en: "Systems that go by the number don't find the person, and make a new account when it changes at last.")
        case .registeredNameDiffers:
            QualityText(
                sv: "Fel namn står på klasslistor, betyg och nationella prov.",
                en: "A wrong name stands on class lists, grades and national tests.")
        case .registeredGuardianMissing:
            QualityText(
                sv: "En vårdnadshavare kan varken anmäla frånvaro eller se något om barnet.",
                en: "A guardian can neither report absence nor see anything of the child.")
        case .guardianNotRegistered:
            QualityText(
                sv: "Någon utan vårdnad kan läsa om barnet och bestämma för det.",
                en: "Somebody without custody can read of the child and decide for it.")
        case .deregisteredWithCurrentRecords:
            QualityText(
                sv: "Skolan kallar någon som är död eller har flyttat utomlands, och platsen hålls upptagen.",
                en: "The school calls somebody who is dead or has moved abroad, and the place is kept.")
        case .identityNumberShared:
            QualityText(
                sv: "Mottagande system slår ihop dem eller avvisar den ena.",
                en: "Receiving systems merge them or refuse one.")
        case .userNameShared:
            QualityText(sv: "Den ena loggar in som den andra.", en: "One logs in as the other.")
        case .schoolEmailShared:
            QualityText(
                sv: "Meddelanden når fel person, och kontot skapas bara för den ena.",
                en: "Messages reach the wrong person, and an account is made for one of them only.")
        }
    }
}
