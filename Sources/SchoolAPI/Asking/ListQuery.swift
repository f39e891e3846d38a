import Hub
import Mapping
import SchoolRecords

/// What a client asks of a list, checked against the standard and against what the client may read.
struct ListQuery: Sendable {
    let endpoint: Endpoint
    /// Parameters that choose, each with its values in normal form.
    private(set) var chosen: [(filter: Filter, values: [String])] = []
    private(set) var relationship: Relationship?
    /// `meta.created.after` and so on, with moments as the store writes them.
    private(set) var meta: [String: String] = [:]
    private(set) var sortKey: SortKey?
    private(set) var expansions: [Expansion] = []
    private(set) var namesReferences = false
    /// As it was asked, without `limit` and `pageToken`.
    let pairs: QueryPairs

    static let paging: Set<String> = ["limit", "pageToken"]
    private static let metaNames = ["meta.created.before", "meta.created.after", "meta.modified.before", "meta.modified.after"]

    /// - Parameter provision: what the client may read.
    /// - Throws: ``APIError``.
    init(_ endpoint: Endpoint, _ pairs: QueryPairs, _ provision: Provision) throws(APIError) {
        self.endpoint = endpoint
        let own = pairs.pairs.filter { !Self.paging.contains($0.name) }
        self.pairs = QueryPairs(own)
        let filters = Dictionary(endpoint.filters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        for (name, value) in own {
            let isFirst = seen.insert(name).inserted
            if let filter = filters[name] {
                guard isFirst || filter.isList else { throw .twice(name) }
                try self.take(filter, value, provision)
            } else if endpoint.hasMeta, Self.metaNames.contains(name) {
                guard isFirst else { throw .twice(name) }
                guard let instant = Instant(value) else { throw .noMoment(name) }
                self.meta[name] = instant.stored
            } else if name == "sortkey", !endpoint.sortKeys.isEmpty {
                guard isFirst else { throw .twice(name) }
                try self.take(sortKey: value, provision)
            } else if name == "expand" || name == "expandReferenceNames" {
                try self.take(name, value, isFirst: isFirst, provision)
            } else {
                throw .unknownParameter(name, self.known)
            }
        }
        for filter in endpoint.filters where filter.isRequired && !seen.contains(filter.name) {
            throw .badRequest(
                "missing-parameter", sv: "\(filter.name) saknas; standarden kräver den här.",
                en: "\(filter.name) is missing; the standard demands it here.")
        }
        if let relationship { try Self.check(relationship, provision) }
    }

    /// What goes with one record or a lookup: `expand` and `expandReferenceNames` alone.
    init(expanding endpoint: Endpoint, _ pairs: QueryPairs, _ provision: Provision) throws(APIError) {
        self.endpoint = endpoint
        self.pairs = pairs
        var seen: Set<String> = []
        for (name, value) in pairs.pairs {
            guard name == "expand" || name == "expandReferenceNames" else {
                throw .unknownParameter(
                    name, endpoint.expansions.isEmpty ? ["expandReferenceNames"] : ["expand", "expandReferenceNames"])
            }
            try self.take(name, value, isFirst: seen.insert(name).inserted, provision)
        }
    }

    private var known: [String] {
        (self.endpoint.filters.map(\.name) + (self.endpoint.hasMeta ? Self.metaNames : [])
            + (self.endpoint.sortKeys.isEmpty ? [] : ["sortkey"]) + (self.endpoint.expansions.isEmpty ? [] : ["expand"])
            + ["expandReferenceNames", "limit", "pageToken"]).sorted()
    }

    private mutating func take(_ filter: Filter, _ value: String, _ provision: Provision) throws(APIError) {
        for field in filter.reads { try provision.demand(field, for: filter.name) }
        let value = try Self.normal(value, filter)
        if filter.rule == .relationship {
            var relationship = self.relationship ?? Relationship()
            relationship.set(filter.name, value)
            self.relationship = relationship
        } else if let place = self.chosen.firstIndex(where: { $0.filter.name == filter.name }) {
            guard self.chosen[place].values.count < Self.mostValues else {
                throw .badRequest(
                    "too-many-values", sv: "\(filter.name) får ha högst \(Self.mostValues) värden; använd lookup.",
                    en: "\(filter.name) may have at most \(Self.mostValues) values; use lookup.")
            }
            self.chosen[place].values.append(value)
        } else {
            self.chosen.append((filter, [value]))
        }
    }

    private static let mostValues = 100

    static func normal(_ value: String, _ filter: Filter) throws(APIError) -> String {
        switch filter.form {
        case .text: return value
        case .id:
            guard let id = Self.id(value) else { throw .noID(filter.name) }
            return id
        case .date:
            guard CalendarDate(value) != nil else {
                throw .badRequest(
                    "bad-value", sv: "\(filter.name) är ett datum: åååå-mm-dd.", en: "\(filter.name) is a date: yyyy-mm-dd.")
            }
            return value
        case .moment:
            guard let instant = Instant(value) else { throw .noMoment(filter.name) }
            return String(instant.secondsSinceEpoch)
        case .code(let codes):
            guard codes.contains(value) else {
                throw .badRequest(
                    "bad-value", sv: "\(filter.name) är något av: \(codes.joined(separator: ", ")).",
                    en: "\(filter.name) is one of: \(codes.joined(separator: ", ")).")
            }
            return value
        }
    }

    /// An id in its one form; `nil` for what is no UUID.
    static func id(_ text: String) -> String? {
        let id = RecordKey.normalID(text)
        let isUUID =
            id.utf8.count == 36
            && id.utf8.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index)
                    ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
        return isUUID ? id : nil
    }

    private mutating func take(sortKey name: String, _ provision: Provision) throws(APIError) {
        guard let key = self.endpoint.sortKeys[name] else {
            let known = self.endpoint.sortKeys.keys.sorted().joined(separator: ", ")
            throw .badRequest("bad-value", sv: "sortkey är något av: \(known).", en: "sortkey is one of: \(known).")
        }
        for path in key.paths ?? [] { try provision.demand(FieldPath(self.endpoint.entity, path), for: "sortkey") }
        self.sortKey = key
    }

    private mutating func take(_ name: String, _ value: String, isFirst: Bool, _ provision: Provision) throws(APIError) {
        if name == "expandReferenceNames" {
            guard isFirst else { throw .twice(name) }
            // Some languages write them with a capital letter.
            guard let isOn = Bool(value.lowercased()) else {
                throw .badRequest("bad-value", sv: "\(name) är true eller false.", en: "\(name) is true or false.")
            }
            self.namesReferences = isOn
            return
        }
        guard let expansion = self.endpoint.expansions.first(where: { $0.name == value }) else {
            let known = self.endpoint.expansions.map(\.name).joined(separator: ", ")
            if known.isEmpty { throw .unknownParameter(name, self.known) }
            throw .badRequest("bad-value", sv: "expand är något av: \(known).", en: "expand is one of: \(known).")
        }
        guard !self.expansions.contains(expansion) else { return }
        if let other = expansion.entity(of: self.endpoint.entity), provision.fields(of: other) == nil {
            throw .notProvided(other)
        }
        for field in expansion.reads { try provision.demand(field, for: "expand") }
        self.expansions.append(expansion)
    }

    private static func check(_ relationship: Relationship, _ provision: Provision) throws(APIError) {
        guard let kind = relationship.kind else {
            guard Relationship.Kind.allCases.contains(where: { provision.may($0.reads(relationship)) }) else {
                throw .notReadable("relationship", .person, "enrolments")
            }
            return
        }
        for field in kind.reads(relationship) { try provision.demand(field, for: "relationship") }
    }
}

extension Expansion {
    /// Whose records are embedded; `nil` when it is only a part of them.
    func entity(of entity: Entity) -> Entity? {
        switch self.way {
        case .referred(_, let other, _), .referring(let other, _): other
        case .responsibleFor: .person
        case .groupMemberships: .group
        case .assignmentRoles: .duty
        }
    }
}

extension Provision {
    func may(_ fields: [FieldPath]) -> Bool {
        fields.allSatisfy { self.fields(of: $0.entity)?.has($0.path, of: $0.entity.shape) ?? false }
    }

    /// - Throws: ``APIError`` (403) for a field that isn't provided.
    func demand(_ field: FieldPath, for parameter: String) throws(APIError) {
        guard self.may([field]) else { throw .notReadable(parameter, field.entity, field.path) }
    }
}

extension APIError {
    static func twice(_ name: String) -> APIError {
        .badRequest("twice", sv: "\(name) får stå en gång.", en: "\(name) may stand once.")
    }

    static func noMoment(_ name: String) -> APIError {
        .badRequest(
            "bad-value", sv: "\(name) är en tidpunkt enligt RFC 3339 med tidszon, t.ex. 2026-08-17T06:00:00+02:00.",
            en: "\(name) is a moment of RFC 3339 with its offset, e.g. 2026-08-17T06:00:00+02:00.")
    }

    static func noID(_ name: String) -> APIError {
        .badRequest("bad-id", sv: "\(name) är ett uuid.", en: "\(name) is a UUID.")
    }

    static func unknownParameter(_ name: String, _ known: [String]) -> APIError {
        // A name comes from outside; only its plain characters are shown.
        let shown = name.prefix(40).filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") }
        let list = known.joined(separator: ", ")
        return .badRequest(
            "unknown-parameter", sv: "Parametern \"\(shown)\" finns inte här. Det finns: \(list).",
            en: "There is no parameter \"\(shown)\" here. There are: \(list).")
    }
}
