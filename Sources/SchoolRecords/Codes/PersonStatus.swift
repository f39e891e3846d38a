/// Status in the population register.
public enum PersonStatus: String, CodeSet {
    case active = "Aktiv"
    case emigrated = "Utvandrad"
    case deceased = "Avliden"

    public static var name: String { "personStatus" }
}
