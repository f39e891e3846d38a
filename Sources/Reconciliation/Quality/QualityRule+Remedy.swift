extension QualityRule {
    /// How it is put right.
    public var remedy: QualityText {
        switch self {
        case .schoolUnitWithoutCode:
            QualityText(
                sv: "Skriv in skolenhetskoden ur Skolverkets skolenhetsregister på enheten i Edlevo; förskola och "
                    + "fritidshem får en egen enhetskod.",
                en: "Write the code of the National Agency's register on the unit in Edlevo; preschools and "
                    + "after-school care get a code of your own.")
        case .schoolUnitCodeMalformed:
            QualityText(
                sv: "Rätta skolenhetskoden på enheten i Edlevo: åtta siffror, utan mellanslag och bokstäver.",
                en: "Correct the unit's school unit code in Edlevo: eight digits, without spaces and letters.")
        case .schoolUnitCodeShared:
            QualityText(
                sv: "Se i skolenhetsregistret vems koden är, rätta den andra enheten i Edlevo, eller avsluta den som "
                    + "inte finns längre.",
                en: "See in the register whose code it is, correct the other unit in Edlevo, or end the one that is no more.")
        case .organisationParentUnknown:
            QualityText(
                sv: "Flytta enheten till rätt skola i Edlevo, eller se till att skolan lämnas ut över gränssnittet.",
                en: "Move the unit to its school in Edlevo, or see to it that the school is given out over the interface.")
        case .schoolWithoutUnit:
            QualityText(
                sv: "Lägg upp skolans skolenhet i Edlevo, eller avsluta skolan om den är nedlagd.",
                en: "Add the school's unit in Edlevo, or end the school if it is closed.")
        case .groupOrganisationUnknown:
            QualityText(
                sv: "Koppla gruppen till rätt skola i Edlevo, eller se till att skolan lämnas ut över gränssnittet.",
                en: "Put the group at its school in Edlevo, or see to it that the school is given out over the interface.")
        case .groupEndsBeforeStart:
            QualityText(sv: "Rätta gruppens slutdatum i Edlevo.", en: "Correct the group's last day in Edlevo.")
        case .endedGroupWithMembers:
            QualityText(
                sv: "Avsluta elevernas placering i gruppen i Edlevo, eller flytta gruppens slutdatum om den pågår.",
                en: "End the pupils' time in the group in Edlevo, or move the group's last day if it goes on.")
        case .groupMemberUnknown:
            QualityText(
                sv: "Ta bort personen ur gruppen i Edlevo, eller se till att personen lämnas ut över gränssnittet.",
                en: "Take the person out of the group in Edlevo, or see to it that the person is given out over the interface.")
        case .classWithoutPupils:
            QualityText(
                sv: "Placera eleverna i klassen i Edlevo, eller avsluta klassen.",
                en: "Put the pupils into the class in Edlevo, or end the class.")
        case .classWithoutMentor:
            QualityText(
                sv: "Rektor utser mentor, och mentorn kopplas till klassen på sin tjänst i Edlevo.",
                en: "The principal appoints a mentor, who is tied to the class on the duty in Edlevo.")
        case .teachingGroupWithoutTeacher:
            QualityText(
                sv: "Koppla läraren till gruppens undervisning i schemat eller i tjänstefördelningen.",
                en: "Tie the teacher to the group's teaching in the timetable or the distribution of duties.")
        case .departmentWithoutStaff:
            QualityText(
                sv: "Koppla avdelningens personal till avdelningen på deras tjänster i Edlevo.",
                en: "Tie the department's staff to it on their duties in Edlevo.")
        case .dutyWithoutTitleCode:
            QualityText(
                sv: "Skriv befattningskoden först i tjänstens beskrivning, eller rätta den i personalsystemet.",
                en: "Write the title code first in the duty's description, or correct it in the personnel system.")
        case .dutyTitleCodeUnknown:
            QualityText(
                sv: "Lägg till koden i Mappings/codes/title_code.csv, eller låt HR rätta koden.",
                en: "Add the code to Mappings/codes/title_code.csv, or have HR correct it.")
        case .dutyOrganisationUnknown:
            QualityText(
                sv: "Rätta tjänstens arbetsplats i personalsystemet eller Edlevo.",
                en: "Correct the duty's place of work in the personnel system or Edlevo.")
        case .dutyEndsBeforeStart:
            QualityText(
                sv: "Rätta tjänstens slutdatum i personalsystemet eller Edlevo.",
                en: "Correct the duty's last day in the personnel system or Edlevo.")
        case .dutyHolderUnknown:
            QualityText(
                sv: "Se till att den anställda lämnas ut över gränssnittet, eller avsluta tjänsten.",
                en: "See to it that the employee is given out over the interface, or end the duty.")
        case .dutyGroupUnknown:
            QualityText(
                sv: "Ta bort uppdraget på tjänsten i Edlevo, eller koppla det till årets grupp.",
                en: "Take the assignment off the duty in Edlevo, or tie it to this year's group.")
        case .dutyWithoutEmployment:
            QualityText(
                sv: "Avsluta tjänsten i Edlevo i dag; står den anställda kvar i personalsystemet utan att synas i filen, "
                    + "rätta filen.",
                en: "End the duty in Edlevo today; when the personnel system does have the employee, mend its file.")
        case .employmentWithoutDuty:
            QualityText(
                sv: "Se i HR-importens logg i Edlevo vad som inte är kopplat: anställningsställe, befattning eller "
                    + "anställningsform.",
                en: "See in the log of Edlevo's HR import what isn't mapped: place, title or kind of employment.")
        case .employeeUnknown:
            QualityText(
                sv: "Se i HR-importens logg i Edlevo varför personen inte har lagts upp, och att personnumret är samma i båda.",
                en: "See in the log of Edlevo's HR import why the person wasn't added, and that the number is the same in both.")
        case .placementUnitUnknown:
            QualityText(
                sv: "Rätta placeringens enhet i Edlevo, eller se till att enheten lämnas ut över gränssnittet.",
                en: "Correct the placement's unit in Edlevo, or see to it that the unit is given out over the interface.")
        case .placementEndsBeforeStart:
            QualityText(sv: "Rätta placeringens slutdatum i Edlevo.", en: "Correct the placement's last day in Edlevo.")
        case .placementChildUnknown:
            QualityText(
                sv: "Se till att barnet lämnas ut över gränssnittet, eller avsluta placeringen i Edlevo.",
                en: "See to it that the child is given out over the interface, or end the placement in Edlevo.")
        case .placementGroupUnknown:
            QualityText(
                sv: "Placera barnet på rätt avdelning i Edlevo.",
                en: "Put the child into the right department in Edlevo.")
        case .placementWithoutDepartment:
            QualityText(sv: "Placera barnet på en avdelning i Edlevo.", en: "Put the child into a department in Edlevo.")
        case .staffWithoutEmail:
            QualityText(
                sv: "Beställ skolans e-postadress åt den anställda och för in den i Edlevo.",
                en: "Order the school's e-mail address for the employee and put it into Edlevo.")
        case .staffWithoutUserName:
            QualityText(
                sv: "Se till att katalogen för över användarnamnet (eduPersonPrincipalName) till Edlevo.",
                en: "See to it that the directory gives the user name (eduPersonPrincipalName) to Edlevo.")
        case .pupilWithoutClass:
            QualityText(sv: "Placera eleven i en klass i Edlevo.", en: "Put the pupil into a class in Edlevo.")
        case .pupilWithoutEnrolment:
            QualityText(
                sv: "Skriv in eleven i Edlevo, eller avsluta klassplaceringen om eleven har slutat.",
                en: "Enrol the pupil in Edlevo, or end the time in the class if the pupil has left.")
        case .enrolmentsOverlap:
            QualityText(
                sv: "Avsluta den gamla inskrivningen i Edlevo dagen innan den nya börjar.",
                en: "End the old enrolment in Edlevo the day before the new one begins.")
        case .enrolmentEndsBeforeStart:
            QualityText(sv: "Rätta inskrivningens slutdatum i Edlevo.", en: "Correct the enrolment's last day in Edlevo.")
        case .enrolmentUnitUnknown:
            QualityText(
                sv: "Rätta inskrivningens skolenhet i Edlevo, eller se till att enheten lämnas ut över gränssnittet.",
                en: "Correct the enrolment's unit in Edlevo, or see to it that the unit is given out over the interface.")
        case .enrolmentNotAtSchoolUnit:
            QualityText(
                sv: "Flytta inskrivningen till skolans skolenhet i Edlevo.",
                en: "Move the enrolment to the school's unit in Edlevo.")
        case .enrolmentAtClosedUnit:
            QualityText(
                sv: "Flytta eleven till den enhet som tog över, eller rätta enhetens slutdatum i Edlevo.",
                en: "Move the pupil to the unit that took over, or correct the unit's last day in Edlevo.")
        case .enrolmentSchoolTypeNotOffered:
            QualityText(
                sv: "Rätta inskrivningens skolform, eller lägg till skolformen på enheten i Edlevo.",
                en: "Correct the enrolment's form of schooling, or add it to the unit in Edlevo.")
        case .placementsOverlap:
            QualityText(
                sv: "Avsluta den gamla placeringen i Edlevo, om barnet inte ska ha två.",
                en: "End the old placement in Edlevo, unless the child is to have two.")
        case .childWithoutIdentityNumber:
            QualityText(
                sv: "För in personnumret eller samordningsnumret i Edlevo; tills det finns ett, ett tillfälligt nummer (TF).",
                en: "Put the number into Edlevo; until there is one, a temporary number (TF).")
        case .childWithoutBirthDate:
            QualityText(sv: "För in födelsedatumet i Edlevo.", en: "Put the birth date into Edlevo.")
        case .schoolAgeWithoutSchool:
            QualityText(
                sv: "Utred var barnet går i skola, och skriv in eller registrera skolan i Edlevo.",
                en: "Find out where the child goes to school, and enrol it or register the school in Edlevo.")
        case .personWithoutUnit:
            QualityText(
                sv: "Placera eller skriv in barnet i Edlevo, eller gallra posten om den inte behövs.",
                en: "Place or enrol the child in Edlevo, or remove the record if it isn't needed.")
        case .deceasedWithCurrentRecords:
            QualityText(
                sv: "Avsluta inskrivning, placering och tjänst i Edlevo i dag.",
                en: "End enrolment, placement and duty in Edlevo today.")
        case .childWithoutGuardian:
            QualityText(
                sv: "Koppla vårdnadshavarna ur folkbokföringen till barnet i Edlevo.",
                en: "Tie the guardians of the population register to the child in Edlevo.")
        case .guardianUnknown:
            QualityText(
                sv: "Se till att den vuxna lämnas ut över gränssnittet, eller ta bort relationen i Edlevo.",
                en: "See to it that the adult is given out over the interface, or take the relation away in Edlevo.")
        case .guardianWithoutContact:
            QualityText(
                sv: "Fråga efter telefonnummer och e-postadress och för in dem i Edlevo.",
                en: "Ask for telephone number and e-mail address and put them into Edlevo.")
        case .guardianOfNobody:
            QualityText(
                sv: "Gallra den vuxna i Edlevo, om inte ett barn väntar på att kopplas.",
                en: "Remove the adult in Edlevo, unless a child waits to be tied.")
        case .registeredNumberDiffers:
            QualityText(
                sv: "Byt numret på personen i Edlevo, inte genom att lägga upp en ny person; finns två poster, slå ihop dem.",
                en: "Change the person's number in Edlevo, not by adding another person; where there are two records, merge them."
            )
        case .registeredNameDiffers:
            QualityText(
                sv: "Rätta namnet i Edlevo efter folkbokföringen.",
                en: "Correct the name in Edlevo as the population register has it.")
        case .registeredGuardianMissing:
            QualityText(
                sv: "Koppla vårdnadshavaren till barnet i Edlevo, och kontrollera först mot folkbokföringen.",
                en: "Tie the guardian to the child in Edlevo, having looked in the population register first.")
        case .guardianNotRegistered:
            QualityText(
                sv: "Ta reda på vad som gäller; ta bort relationen i Edlevo, eller ändra den till annan ansvarig.",
                en: "Find out what holds; take the relation away in Edlevo, or make it another responsible adult.")
        case .deregisteredWithCurrentRecords:
            QualityText(
                sv: "Avsluta inskrivning, placering och tjänst i Edlevo när det är klarlagt vad som har hänt.",
                en: "End enrolment, placement and duty in Edlevo when it is clear what has happened.")
        case .identityNumberShared:
            QualityText(
                sv: "Avgör om det är samma person: slå ihop posterna i Edlevo, annars rätta numret.",
                en: "Decide whether they are the same person: merge the records in Edlevo, otherwise correct the number.")
        case .userNameShared:
            QualityText(
                sv: "Ge den ena ett eget användarnamn i katalogen.",
                en: "Give one of them a user name of their own in the directory.")
        case .schoolEmailShared:
            QualityText(sv: "Rätta adressen i katalogen eller Edlevo.", en: "Correct the address in the directory or Edlevo.")
        }
    }
}
