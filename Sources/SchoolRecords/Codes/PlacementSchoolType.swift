/// The forms of schooling that have placements.
public enum PlacementSchoolType: String, CodeSet {
    case fs = "FS"
    case fth = "FTH"
    case oppfth = "OPPFTH"

    public static var name: String { "Placement.schoolType" }
}
