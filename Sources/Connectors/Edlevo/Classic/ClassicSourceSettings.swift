import SchoolRecords

/// What is read from Edlevo's classic services.
struct ClassicSourceSettings: Sendable {
    /// Where duties come from.
    enum Duties: String, Sendable, CaseIterable {
        /// The employments of the Personnel interface.
        case personnel
        /// What staff do according to the Organization interface: one duty a person and unit.
        case organization
        case none
    }

    var server: ClassicServer
    var schoolTypes: [ClassicSchoolType]
    var municipalityCode: String?
    var governedBy: String?
    /// Read one by one instead of all at once, when there are any.
    var unitIDs: [String]
    /// The organisation is read as it is today and as it will be on these days.
    var daysAhead: [Int]
    var duties: Duties
    /// Whether changes are asked for; otherwise everything is read each time.
    var readsChanges: Bool
    /// Changes are asked for at most so often.
    var changesEvery: Int
    /// The employments have no export of changes; they are read again at most so often.
    var personnelEvery: Int
    var readsMerges: Bool
    /// How many days back absences and presence are read; `nil` reads none.
    var attendanceDays: Int?
    /// How many days ahead lessons are read; `nil` reads none.
    var calendarDays: Int?
    var pageLimit: Int

    /// In load order.
    var entities: [Entity] {
        var entities: [Entity] = [.organisation, .person, .group, .placement]
        if self.duties != .none { entities.append(.duty) }
        if self.readsMerges { entities.append(.identityChange) }
        if self.attendanceDays != nil { entities.append(.attendance) }
        if self.calendarDays != nil { entities.append(.calendarEvent) }
        return entities.sorted()
    }
}

extension ClassicSourceSettings {
    /// Reads the settings of Edlevo's classic services as a source.
    ///
    /// ```yaml
    /// connector: edlevo_classic
    /// connection:
    ///   base_url: https://education.service.tieto.com
    ///   path: /WE.Education.Integration.Host.Proxy/LES/{api}/v{version}/{api}/{service}   # left out: this one
    ///   license_keys:                        # the first that opens a service counts
    ///     - {apis: [organization], school_types: [FS, F], key: {env: EDLEVO_KEY_PRESCHOOL}}
    ///     - {key: {file: /run/secrets/edlevo-key}}
    ///   client_certificate: client.pem       # where the contract asks for one, with client_key; ca
    /// school_types: [FS, F, FK, GR, GY]
    /// municipality_code: "2599"              # optional, as are governed_by and unit_ids
    /// governed_by: municipal                 # municipal, private, state, other
    /// unit_ids: []                           # read these units one by one instead of everything
    /// days_ahead: [14]                       # read the organisation of these days too, for what begins then
    /// duties: personnel                      # personnel, organization, none
    /// changes: true                          # ask for changes between full readings
    /// changes_every_seconds: 300             # at most so often
    /// personnel_every_seconds: 3600          # employments have no export of changes
    /// merges: true                           # persons that were made one, as identity changes
    /// attendance_days: 7                     # optional: absence and presence of so many days back
    /// calendar_days: 14                      # optional: lessons of so many days ahead
    /// page_limit: 500
    /// request_timeout_seconds: 600           # 0.1 to 7200: these services may take many minutes
    /// maximum_reply_mebibytes: 256
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        self.server = ClassicServer(&reader)
        let known = ClassicSchoolType.allCases.map { ($0.rawValue, $0) }
        self.schoolTypes = ClassicServer.several("school_types", known, &reader).sorted()
        if self.schoolTypes.isEmpty { reader.complain("school_types", "must name one school type or more, e.g. [FS, F, FK, GR]") }
        self.municipalityCode = reader.value("municipality_code") == nil ? nil : reader.text("municipality_code")
        self.governedBy = reader.choice(
            "governed_by", of: ["municipal", "private", "state", "other"].map { ($0, Optional($0)) }, default: nil)
        self.unitIDs = reader.value("unit_ids")?.arrayValue?.isEmpty ?? true ? [] : reader.texts("unit_ids")
        if !self.unitIDs.isEmpty, self.municipalityCode != nil || self.governedBy != nil {
            reader.complain("unit_ids", "can't be set beside municipality_code and governed_by")
        }
        self.daysAhead = []
        for (position, element) in (reader.value("days_ahead")?.arrayValue ?? []).enumerated() {
            if let days = element.integerValue, (1...730).contains(days) {
                self.daysAhead.append(Int(days))
            } else {
                reader.complain("days_ahead[\(position)]", "must be a whole number from 1 to 730")
            }
        }
        self.duties = reader.choice("duties", of: Duties.allCases.map { ($0.rawValue, $0) }, default: .personnel)
        // A unit's changes can't be asked for alone.
        self.readsChanges = reader.flag("changes", default: self.unitIDs.isEmpty)
        if self.readsChanges, !self.unitIDs.isEmpty {
            reader.complain("changes", "can't be true with unit_ids: changes are told of all units only")
        }
        self.changesEvery = reader.count("changes_every_seconds", in: 60...86_400, default: 300)
        self.personnelEvery = reader.count("personnel_every_seconds", in: 60...86_400, default: 3600)
        self.readsMerges = reader.flag("merges", default: false)
        func days(_ path: String) -> Int? {
            reader.value(path) == nil ? nil : reader.count(path, in: 1...365, default: 7)
        }
        self.attendanceDays = days("attendance_days")
        self.calendarDays = days("calendar_days")
        self.pageLimit = reader.count("page_limit", in: 1...10_000, default: 500)
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }
}
