/// Whether an absence was granted beforehand or announced.
public enum AbsenceType: String, CodeSet {
    case grantedLeave = "Beviljad ledighet"
    case announcedAbsence = "Anmäld frånvaro"

    public static var name: String { "AbsenceEnum" }
}
