/// What a duty does for a group. Teaching is none of them: that is an activity.
public enum AssignmentRoleType: String, CodeSet {
    case mentor = "Mentor"
    case preschoolTeacher = "Förskollärare"
    case childMinder = "Barnskötare"
    case recreationInstructor = "Fritidspedagog"
    case specialEducator = "Specialpedagog"
    case studentHealth = "Elevhälsopersonal"
    case pedagogicalLeader = "Pedagogisk ledare"
    case scheduler = "Schemaläggare"
    case teachingAssistant = "Lärarassistent"
    case administrativeStaff = "Administrativ personal"

    public static var name: String { "AssignmentRoleTypeEnum" }
}
