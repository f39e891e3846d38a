/// Half of a school year.
public enum Semester: String, CodeSet {
    case autumn = "HT"
    case spring = "VT"

    public static var name: String { "Grade.semester" }
}
