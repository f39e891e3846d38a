/// Whether a child came or left.
public enum AttendanceEventType: String, CodeSet {
    case checkIn = "In"
    case checkOut = "Ut"

    public static var name: String { "AttendanceEvent.eventType" }
}
