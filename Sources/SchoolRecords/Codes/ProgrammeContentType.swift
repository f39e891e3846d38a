/// Which part of a programme courses belong to.
public enum ProgrammeContentType: String, CodeSet {
    case common = "Gymnasiegemensamma"
    case programmeCommon = "Programgemensamma"
    case orientation = "Inriktning"
    case specialisation = "Programfördjupning"
    case diplomaProject = "Gymnasiearbete"
    case individualChoice = "Individuellt val"

    public static var name: String { "Programme.content.type" }
}
