/// What an activity is. Attendance is reported for `Undervisning` and `Elevaktivitet`.
public enum ActivityType: String, CodeSet {
    case teaching = "Undervisning"
    case pupils = "Elevaktivitet"
    case test = "Provaktivitet"
    case teachers = "Läraraktivitet"
    case other = "Övrigt"

    public static var name: String { "Activity.activityType" }
}
