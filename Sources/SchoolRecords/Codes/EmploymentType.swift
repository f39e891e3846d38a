/// For how long somebody is employed, and in whose place.
public enum EmploymentType: String, CodeSet {
    case untilFurther
    case certainTime
    case substitute
    case project
    case other
    case unknown

    public static var name: String { "Employment.employmentType" }
}
