import SchoolRecords

/// Which deletions are asked for.
private struct DeletedQuery {
    /// Exclusive.
    var after = Timestamp(microseconds: .min / 2)
    /// `nil` for every kind.
    var entities: Set<Entity>?

    init(_ parameters: [(name: String, value: String)]) throws(BadQuery) {
        for (name, value) in parameters {
            switch name.lowercased() {
            case "after":
                guard let instant = Timestamp(value) else {
                    throw BadQuery(code: "bad-time", message: "after must be a date-time with an offset (RFC 3339)")
                }
                self.after = instant
            case "entities":
                self.entities = self.entities ?? []
                for word in value.split(separator: ",") {
                    if let entity = Entity.allCases.first(where: { $0.rawValue == word.lowercased() }) {
                        self.entities?.insert(entity)
                    } else if !Self.otherEndPoints.contains(word.lowercased()) {
                        throw BadQuery(code: "unknown-entity", message: "entities takes names such as Person and Group")
                    }
                }
            default:
                throw BadQuery(code: "unknown-parameter", message: "\(name) is no parameter of deleted entities")
            }
        }
    }

    /// What the standard can tell as deleted besides what is served here.
    private static let otherEndPoints: Set<String> = [
        "absence", "attendanceevent", "attendance", "grade", "calendarevent", "attendanceschedule", "resource", "room",
        "activity", "studyplan", "programme", "syllabus", "schoolunitoffering",
    ]

    func wants(_ entity: Entity) -> Bool { self.entities?.contains(entity) ?? true }
}

extension EdlevoStandIn {
    private static let deletedPath = "deletedentities"

    /// `GET /deletedentities`: ids by kind, in the order of their deletion, a page at a time.
    func deletedEntities(_ parameters: [(name: String, value: String)]) throws(BadQuery) -> Answer {
        var limit = self.dialect.pageSize
        var start = 0
        var filters: [(name: String, value: String)] = []
        var token: String?
        for (name, value) in parameters {
            switch name.lowercased() {
            case "pagetoken": token = value
            case "limit":
                guard let number = Int(value), number >= 1 else {
                    throw BadQuery(code: "bad-limit", message: "limit must be a whole number of 1 or more")
                }
                limit = min(number, self.dialect.maximumPageSize)
            default: filters.append((name, value))
            }
        }
        if let token {
            guard filters.isEmpty, let place = PageToken(token), place.entity == Self.deletedPath, place.place >= 0
            else {
                throw BadQuery(
                    code: "bad-page-token", message: "pageToken is none of this server's, or came with filters")
            }
            filters = place.parameters
            start = place.place
        }
        let query = try DeletedQuery(filters)
        let gone =
            self.currentFaults.isEmpty
            ? [] : self.tombstones.filter { $0.at > query.after && query.wants($0.key.entity) }
        let page = gone.dropFirst(start).prefix(limit)
        var data: [String: JSONValue] = [:]
        for entity in self.entities where query.wants(entity) {
            let ids = page.filter { $0.key.entity == entity }.map { JSONValue.string($0.key.id) }
            if !ids.isEmpty || self.dialect.saysNullPageToken { data[entity.path] = .array(ids) }
        }
        var reply: [String: JSONValue] = ["data": .object(data)]
        if gone.count > start + page.count {
            let next = PageToken(
                entity: Self.deletedPath, parameters: filters, limit: limit, place: start + page.count, modified: nil)
            reply["pageToken"] = .string(next.text(isRaw: self.dialect.hasRawPageTokens))
        } else if self.dialect.saysNullPageToken {
            reply["pageToken"] = .null
        }
        return .json(.object(reply))
    }
}
