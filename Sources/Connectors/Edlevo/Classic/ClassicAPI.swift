/// The interfaces that Edlevo's classic services stand in, with the versions that are spoken here.
enum ClassicAPI: String, Sendable, Hashable, CaseIterable {
    case organization = "Organization"
    case person = "Person"
    case personnel = "Personnel"
    case absence = "Absence"
    case monitoring = "Monitoring"
    case calendar = "Calendar"

    var version: Int {
        switch self {
        case .organization: 12
        case .person: 6
        case .personnel: 8
        case .absence, .calendar: 2
        case .monitoring: 1
        }
    }

    var nameSpace: String {
        let name = self == .calendar ? "calendarevent" : self.rawValue.lowercased()
        return "http://open.tieto.com/edu/\(name)/v\(self.version)"
    }

    /// The root of its documents.
    var root: String {
        switch self {
        case .organization: "enterprise"
        case .person: "person-root"
        case .personnel: "personnel"
        case .absence: "persons"
        case .monitoring: "monitoring"
        case .calendar: "calendarevents"
        }
    }
}

/// One service, as a licence opens it.
struct ClassicService: Sendable, Hashable {
    let api: ClassicAPI
    /// `nil` where a service is for all.
    let schoolType: ClassicSchoolType?
    let name: String

    init(_ api: ClassicAPI, _ name: String, _ schoolType: ClassicSchoolType? = nil) {
        self.api = api
        self.name = name
        self.schoolType = schoolType
    }

    /// In words that may stand in messages.
    var words: String { "\(self.api.rawValue) v\(self.api.version) \(self.name)" }
}
