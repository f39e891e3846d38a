/// Where a stay schedule stands.
public enum AttendanceScheduleStateType: String, CodeSet {
    case approved = "Godkänt"
    case requested = "Begärt"
    case refused = "Nekat"

    public static var name: String { "AttendanceScheduleState.state" }
}
