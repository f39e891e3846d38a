import NIOSSL
import SchoolRecords

/// How an Open ePlatform is reached, and which of its cases are read as what.
struct OpenEPlatformSettings: HTTPServerSettings, Sendable {
    /// The cases of one e-service.
    struct Cases: Sendable, Hashable {
        let entity: Entity
        /// The e-service in all its versions (`FamilyID`).
        let family: String
        /// The names of the statuses in which a case counts; every one when there are none.
        let statuses: [String]
        /// Whether a case is its number and status alone: its XML is never asked for.
        var isNumberOnly = false

        /// What is listed, one call each.
        var lists: [String?] { self.statuses.isEmpty ? [nil] : self.statuses.map(Optional.some) }
    }

    /// Where a list's status stands in its address.
    enum StatusPlace: String, Sendable, CaseIterable {
        case path
        case query
    }

    /// Without a slash at its end.
    var baseURL: String
    var user: SecretReference
    var password: SecretReference
    var statusPlace: StatusPlace
    /// Whether 404 to a list says that there is no such case, and not that the address is wrong.
    var notFoundIsNone: Bool
    var tls: TLSConfiguration?
    var cases: [Cases]
    /// Cases that were submitted longer ago aren't read.
    var daysBack: Int
    /// Cases that were submitted within so many days are looked at for changes between full readings.
    var changesDays: Int
    var pageLimit: Int
    var parallelCalls: Int
    var requestTimeout: Duration
    var maximumReplyBytes: Int

    /// In load order.
    var entities: [Entity] { Set(self.cases.map(\.entity)).sorted() }
}

extension OpenEPlatformSettings {
    /// Reads the settings of an Open ePlatform as a source.
    ///
    /// ```yaml
    /// connector: open_eplatform
    /// connection:
    ///   base_url: https://e-tjanster.kommun.example
    ///   user: {env: EPLATFORM_USER}           # HTTP Basic
    ///   password: {file: /run/secrets/eplatform}
    ///   status_in: path                       # …/family/136/Inskickat, or query: …/family/136?status=Inskickat
    ///   not_found_is_none: false              # true: 404 to a list says that there is no case
    ///   client_certificate: client.pem        # optional, with client_key; ca
    /// cases:
    ///   - {entity: transportapplication, family: "136", statuses: [Inskickat]}
    ///   - {entity: contactrequest, family: "140", statuses: [Inskickat], read: number}   # left out: case, its XML
    /// days_back: 1095                         # cases submitted before that aren't read
    /// changes_days: 14                        # cases submitted since are looked at for changes
    /// page_limit: 100
    /// parallel_calls: 4                       # 1 to 16
    /// request_timeout_seconds: 60             # 0.1 to 600
    /// maximum_reply_mebibytes: 16
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        reader.allowOnly(
            ["base_url", "user", "password", "status_in", "not_found_is_none", "client_certificate", "client_key", "ca"],
            in: "connection")
        self.baseURL = reader.address("connection.base_url")
        self.user = reader.secret("connection.user", allowsPlain: true)
        self.password = reader.secret("connection.password", allowsPlain: false)
        self.statusPlace = reader.choice(
            "connection.status_in", of: StatusPlace.allCases.map { ($0.rawValue, $0) }, default: .path)
        self.notFoundIsNone = reader.flag("connection.not_found_is_none", default: false)
        self.tls = SS12000Settings.tls(&reader)
        self.cases = Self.cases(&reader)
        self.daysBack = reader.count("days_back", in: 1...3650, default: 1095)
        self.changesDays = reader.count("changes_days", in: 1...365, default: 14)
        self.pageLimit = reader.count("page_limit", in: 1...1000, default: 100)
        self.parallelCalls = reader.count("parallel_calls", in: 1...16, default: 4)
        self.requestTimeout = .seconds(reader.seconds("request_timeout_seconds", in: 0.1...600, default: 60))
        self.maximumReplyBytes = reader.count("maximum_reply_mebibytes", in: 1...1024, default: 16) << 20
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    private static func cases(_ reader: inout SettingsReader) -> [Cases] {
        guard let elements = reader.value("cases")?.arrayValue, !elements.isEmpty else {
            reader.complain("cases", "must be a list such as [{entity: transportapplication, family: \"136\"}]")
            return []
        }
        var families: Set<String> = []
        return elements.enumerated().compactMap { position, element in
            var part = SettingsReader(element)
            for name in (element.objectValue ?? [:]).keys.sorted() where !["entity", "family", "statuses", "read"].contains(name)
            {
                part.complain(name, "is no setting; known are entity, family, statuses, read")
            }
            let entity = part.choice("entity", of: Entity.allCases.map { ($0.rawValue, Optional($0)) }, default: nil)
            if part.value("entity") == nil { part.complain("entity", "is missing") }
            let family = part.value("family")?.integerValue.map { String($0) } ?? part.text("family")
            if family.isEmpty || !family.allSatisfy({ $0.isASCII && $0.isNumber }) {
                part.complain("family", "must be the number of the e-service (FamilyID)")
            } else if !families.insert(family).inserted {
                part.complain("family", "stands here twice: a case would be two records")
            }
            let statuses = part.value("statuses") == nil ? [] : part.texts("statuses")
            let isNumberOnly = part.choice("read", of: [("case", false), ("number", true)], default: false)
            for problem in part.problems { reader.complain("cases[\(position)].\(problem.path)", problem.message) }
            return entity.map { Cases(entity: $0, family: family, statuses: statuses, isNumberOnly: isNumberOnly) }
        }
    }
}
