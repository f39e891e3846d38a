/// Which part of a study plan courses belong to: those of a programme, what was taken out, what was added.
public enum StudyPlanContentType: String, CodeSet {
    case common = "Gymnasiegemensamma"
    case programmeCommon = "Programgemensamma"
    case orientation = "Inriktning"
    case specialisation = "Programfördjupning"
    case diplomaProject = "Gymnasiearbete"
    case individualChoice = "Individuellt val"
    case removed = "Borttagna"
    case added = "Utökade"

    public static var name: String { "StudyPlanContent.type" }
}
