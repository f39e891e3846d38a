/// Category of staff of a duty.
public enum DutyRole: String, CodeSet {
    case head = "Rektor"
    case teacher = "Lärare"
    case preschoolTeacher = "Förskollärare"
    case childMinder = "Barnskötare"
    case librarian = "Bibliotekarie"
    case teachingAssistant = "Lärarassistent"
    case recreationInstructor = "Fritidspedagog"
    case otherStaff = "Annan personal"
    case careersAdviser = "Studie- och yrkesvägledare"
    case leadTeacher = "Förstelärare"
    case counsellor = "Kurator"
    case schoolNurse = "Skolsköterska"
    case schoolDoctor = "Skolläkare"
    case schoolPsychologist = "Skolpsykolog"
    case specialNeedsTeacher = "Speciallärare/specialpedagog"
    case schoolAdministrator = "Skoladministratör"
    case otherManagement = "Övrig arbetsledning"
    case otherPedagogicalStaff = "Övrig pedagogisk personal"
    case preschoolHead = "Förskolechef"

    public static var name: String { "DutyRole" }
}
