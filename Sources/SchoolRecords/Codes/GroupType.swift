/// What a group is for. `Avdelning` is a department of a preschool or of after-school care.
public enum GroupType: String, CodeSet {
    case teaching = "Undervisning"
    case schoolClass = "Klass"
    case mentor = "Mentor"
    case test = "Provgrupp"
    case schedule = "Schema"
    case department = "Avdelning"
    case staff = "Personalgrupp"
    case other = "Övrigt"

    public static var name: String { "GroupTypesEnum" }
}
