import SchoolRecords

/// A LogEntry of Skolverket's interface. Numbers from 9000 on are the stand-in's own: Skolverket tells what it finds, not under which
/// number.
struct DNPEntry {
    let code: String
    let status: Int
    let message: String
    var attribute: String?
    var isWarning = false

    static let wrongForm = "9001"
    static let missing = "9002"
    static let unknownMember = "9003"
    static let wrongValue = "9004"
    static let unknownReference = "9005"
    static let conflict = "9009"

    static func error(_ code: String, _ attribute: String, _ message: String, status: Int = 400) -> DNPEntry {
        DNPEntry(code: code, status: status, message: message, attribute: attribute)
    }

    func json(_ kind: DNPKind?, _ id: String?, _ time: String) -> JSONValue {
        var entry: [String: JSONValue] = [
            "id": .string(self.code), "statusCode": .integer(Int64(self.status)), "message": .string(self.message),
            "severityLevel": self.isWarning ? "Warning" : "Error", "timeOfOccurance": .string(time),
        ]
        entry["resourceType"] = kind.map { .string($0.rawValue) }
        entry["resourceId"] = id.map(JSONValue.string)
        entry["attributeName"] = self.attribute.map(JSONValue.string)
        return .object(entry)
    }
}
