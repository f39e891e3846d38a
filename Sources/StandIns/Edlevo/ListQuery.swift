import SchoolRecords

/// A request that the standard answers with 400.
struct BadQuery: Error {
    let code: String
    let message: String
}

/// A list request, read: which records, in which order, how many at a time.
struct ListQuery {
    enum Order {
        case made
        case modifiedDescending
    }

    var limit: Int?
    var pageToken: String?
    var createdAfter: Timestamp?
    var createdBefore: Timestamp?
    var modifiedAfter: Timestamp?
    var modifiedBefore: Timestamp?
    var order = Order.made
    /// Tests of the document itself; all must hold.
    var tests: [@Sendable (JSONValue) -> Bool] = []
    /// What was asked besides `limit` and `pageToken`.
    var filters: [(name: String, value: String)] = []

    init(_ parameters: [(name: String, value: String)], of entity: Entity) throws(BadQuery) {
        var wanted: [String: [String]] = [:]
        for (name, value) in parameters {
            let key = name.lowercased()
            switch key {
            case "limit":
                guard let limit = Int(value), limit >= 1 else {
                    throw BadQuery(code: "bad-limit", message: "limit must be a whole number of 1 or more")
                }
                self.limit = limit
                continue
            case "pagetoken":
                self.pageToken = value
                continue
            case "meta.created.after": self.createdAfter = try Self.instant(name, value)
            case "meta.created.before": self.createdBefore = try Self.instant(name, value)
            case "meta.modified.after": self.modifiedAfter = try Self.instant(name, value)
            case "meta.modified.before": self.modifiedBefore = try Self.instant(name, value)
            case "sortkey":
                guard value.lowercased() == "modifieddesc" else {
                    throw BadQuery(code: "bad-sortkey", message: "this server sorts by ModifiedDesc only")
                }
                self.order = .modifiedDescending
            case "expandreferencenames", "expandreferencednames":
                guard value.lowercased() == "false" else {
                    throw BadQuery(code: "not-supported", message: "\(name) is not supported by this server")
                }
            default: wanted[key, default: []].append(value)
            }
            self.filters.append((name, value))
        }
        for (name, values) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let test = Self.test(name, values, of: entity) else {
                throw BadQuery(
                    code: "unknown-parameter", message: "\(name) is no parameter of \(entity.path), or not supported")
            }
            self.tests.append(test)
        }
    }

    private static func instant(_ name: String, _ value: String) throws(BadQuery) -> Timestamp {
        guard let instant = Timestamp(value) else {
            throw BadQuery(code: "bad-time", message: "\(name) must be a date-time with an offset (RFC 3339)")
        }
        return instant
    }

    /// `after` is exclusive, `before` inclusive (SS 12000).
    func admits(_ stamps: RecordStamps) -> Bool {
        if let after = self.modifiedAfter, stamps.modified <= after { return false }
        if let before = self.modifiedBefore, stamps.modified > before { return false }
        if let after = self.createdAfter, stamps.created <= after { return false }
        if let before = self.createdBefore, stamps.created > before { return false }
        return true
    }

    func admits(_ record: SyntheticRecord) -> Bool {
        guard self.admits(record.stamps) else { return false }
        if self.tests.isEmpty { return true }
        guard let document = try? record.document() else { return false }
        return self.tests.allSatisfy { $0(document) }
    }

    /// The members that a parameter is compared with; several values of one parameter mean any of them.
    private static let equalities: [Entity: [String: [String]]] = [
        .organisation: [
            "parent": ["parentOrganisation", "id"], "schoolunitcode": ["schoolUnitCode"],
            "organisationcode": ["organisationCode"], "municipalitycode": ["municipalityCode"],
            "type": ["organisationType"], "schooltypes": ["schoolTypes"],
        ],
        .person: ["civicno": ["civicNo", "value"], "edupersonprincipalname": ["eduPersonPrincipalNames"]],
        .group: ["grouptype": ["groupType"], "schooltypes": ["schoolType"], "organisation": ["organisation", "id"]],
        .duty: [
            "organisation": ["dutyAt", "id"], "person": ["person", "id"], "dutyrole": ["dutyRole"],
            "dutyroletype": ["dutyRole"],
        ],
        .placement: ["organisation": ["placedAt", "id"], "group": ["group", "id"], "child": ["child", "id"]],
    ]

    private static func test(
        _ name: String, _ values: [String], of entity: Entity
    ) -> (@Sendable (JSONValue) -> Bool)? {
        if let path = self.equalities[entity]?[name] {
            return { document in
                var value: JSONValue? = document
                for member in path { value = value?[member] }
                if let list = value?.arrayValue {
                    return list.contains { $0.stringValue.map(values.contains) ?? false }
                }
                return value?.stringValue.map(values.contains) ?? false
            }
        }
        if entity == .person {
            guard name == "namecontains" else { return nil }
            return { document in
                let names = ["givenName", "middleName", "familyName"].compactMap {
                    document[$0]?.stringValue?.lowercased()
                }
                return values.allSatisfy { value in names.contains { $0.contains(value.lowercased()) } }
            }
        }
        guard let value = values.first, CalendarDay(value) != nil else { return nil }
        switch name {
        case "startdate.onorbefore": return { ($0["startDate"]?.stringValue ?? "0") <= value }
        case "startdate.onorafter": return { ($0["startDate"]?.stringValue ?? "0") >= value }
        case "enddate.onorbefore": return { ($0["endDate"]?.stringValue ?? "9") <= value }
        // An end that is not set lies after every day.
        case "enddate.onorafter": return { ($0["endDate"]?.stringValue ?? "9") >= value }
        default: return nil
        }
    }
}

extension Entity {
    /// The entity's path in SS 12000.
    var path: String { self.standardPath ?? self.rawValue }

    /// The standard's name for the entity in `entities=` and in notices (EndPointsEnum).
    var endPointName: String { self.standardName }
}
