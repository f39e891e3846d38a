import Foundation
public import SchoolRecords

/// Lists and look-ups.
extension EdlevoStandIn {
    /// One page of a list.
    func list(_ entity: Entity, _ parameters: [(name: String, value: String)]) throws(BadQuery) -> Answer {
        var query = try ListQuery(parameters, of: entity)
        var start = -1
        var modified: Int64?
        if let text = query.pageToken {
            let token = try self.token(text, entity.path, query)
            var limit = query.limit
            limit = limit ?? token.limit
            query = try ListQuery(token.parameters, of: entity)
            query.limit = limit
            start = token.place
            modified = token.modified
        }
        let limit = min(query.limit ?? self.dialect.pageSize, self.dialect.maximumPageSize)
        let (page, hasMore) = self.page(entity, query, after: start, modified: modified, limit: limit)
        var next: String?
        if hasMore, let last = page.last {
            next = PageToken(
                entity: entity.path, parameters: query.filters, limit: limit, place: last.place,
                modified: query.order == .modifiedDescending ? last.record.stamps.modified.microseconds : nil
            ).text(isRaw: self.dialect.hasRawPageTokens)
        }
        let isFirst = start < 0
        if self.currentFaults.repeatsPageToken,
            let given = parameters.first(where: { $0.name.lowercased() == "pagetoken" })
        {
            next = given.value
        }
        return self.envelope(self.elements(page.map(\.record), of: entity, isFirst: isFirst), next: next)
    }

    private func token(_ text: String, _ path: String, _ query: ListQuery) throws(BadQuery) -> PageToken {
        guard query.filters.isEmpty else {
            throw BadQuery(
                code: "bad-page-token", message: "pageToken carries the filters; ask with it and limit alone")
        }
        guard let token = PageToken(text), token.entity == path, token.limit >= 1 else {
            throw BadQuery(code: "bad-page-token", message: "pageToken is none that this server gave for \(path)")
        }
        return token
    }

    private typealias Placed = (place: Int, record: SyntheticRecord)

    /// The records of a page, and whether more follow.
    private func page(
        _ entity: Entity, _ query: ListQuery, after start: Int, modified: Int64?, limit: Int
    ) -> (page: [Placed], hasMore: Bool) {
        guard !self.currentFaults.isEmpty, let entries = self.tables[entity]?.entries else { return ([], false) }
        var page: [Placed] = []
        switch query.order {
        case .made:
            var place = max(0, start + 1)
            while place < entries.count {
                if let record = entries[place], query.admits(record), !self.isLeftOut(entity, place) {
                    if page.count == limit { return (page, true) }
                    page.append((place, record))
                }
                place += 1
            }
            return (page, false)
        case .modifiedDescending:
            var found: [Placed] = []
            for (place, entry) in entries.enumerated() {
                guard let record = entry, query.admits(record), !self.isLeftOut(entity, place) else { continue }
                let stamp = record.stamps.modified.microseconds
                if let modified, stamp > modified || (stamp == modified && place <= start) { continue }
                found.append((place, record))
            }
            found.sort {
                $0.record.stamps.modified == $1.record.stamps.modified
                    ? $0.place < $1.place : $0.record.stamps.modified > $1.record.stamps.modified
            }
            return (Array(found.prefix(limit)), found.count > limit)
        }
    }

    private func isLeftOut(_ entity: Entity, _ place: Int) -> Bool {
        self.currentFaults.leavesOutHalf == entity && place % 2 == 1
    }

    /// Ids that lists don't have though the records are there (``EdlevoFaults/leavesOutHalf``).
    public func leftOut(_ entity: Entity) -> Set<String> {
        let entries = self.tables[entity]?.entries ?? []
        return Set(entries.indices.filter { self.isLeftOut(entity, $0) }.compactMap { entries[$0]?.key.id })
    }

    /// A record as it is sent.
    func element(_ record: SyntheticRecord) -> [UInt8] {
        let bytes = self.dialect.bytes(of: record)
        guard self.currentFaults.addsUnknownFields, let start = bytes.firstIndex(of: 0x7B) else { return bytes }
        return Array(bytes[...start]) + Array(Self.unknownMembers.utf8) + Array(bytes[(start + 1)...])
    }

    private static let unknownMembers = #""nyttFält":{"kod":"A1","delar":[1,2.5,null,true]},"x-intern":"\u00e5","#

    private func elements(_ records: [SyntheticRecord], of entity: Entity, isFirst: Bool) -> [[UInt8]] {
        var elements: [[UInt8]] = []
        elements.reserveCapacity(records.count + 1)
        let faults = self.currentFaults
        if isFirst, entity == faults.brokenEntity {
            for kind in EdlevoFaults.BrokenRecord.allCases where faults.brokenRecords.contains(kind) {
                elements.append(Array(self.broken(kind, entity).utf8))
            }
        }
        for record in faults.hides(entity) ? [] : records { elements.append(self.element(record)) }
        if faults.duplicatesRows, let last = elements.last { elements.append(last) }
        return elements
    }

    private func broken(_ kind: EdlevoFaults.BrokenRecord, _ entity: Entity) -> String {
        let meta = #""meta":{"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-02T00:00:00.000Z"}"#
        switch kind {
        case .withoutID: return "{\(meta),\"displayName\":\"utan id\",\"givenName\":\"utan id\"}"
        case .wrongTypes:
            let id = Self.brokenID(entity)
            return """
                {"id":"\(id)","meta":"nyss","displayName":17,"givenName":17,"familyName":[],"civicNo":"nej",\
                "enrolments":"inga","groupMemberships":{},"organisationType":3,"groupType":false,"person":"x",\
                "dutyAt":4,"dutyRole":{},"child":[],"placedAt":1,"startDate":20240101,"schoolType":0}
                """
        case .noObject: return "42"
        }
    }

    /// The id of the element that the fault `wrongTypes` serves.
    public static func brokenID(_ entity: Entity) -> String {
        var generator = SeededGenerator(seed: 0xB0, index: Entity.roster.firstIndex(of: entity) ?? 0)
        return generator.uuid()
    }

    private func envelope(_ elements: [[UInt8]], next: String?) -> Answer {
        var token = Array("\"pageToken\":".utf8)
        if let next {
            token += Array(JSONValue.string(next).canonicalData)
        } else if self.dialect.saysNullPageToken {
            token += Array("null".utf8)
        } else {
            token = []
        }
        var body: [UInt8] = []
        body.reserveCapacity(elements.reduce(64 + token.count) { $0 + $1.count + 1 })
        body.append(0x7B)
        if self.dialect.reordersMembers, !token.isEmpty { body += token + [0x2C] }
        if self.currentFaults.sendsWrongShape {
            return Answer(body: Array(#"{"data":{"items":[]},"pageToken":null}"#.utf8), isPage: true)
        }
        body.append(contentsOf: "\"data\":[".utf8)
        for (position, element) in elements.enumerated() {
            if position > 0 { body.append(0x2C) }
            body.append(contentsOf: element)
        }
        body.append(0x5D)
        if !self.dialect.reordersMembers, !token.isEmpty { body += [0x2C] + token }
        body.append(0x7D)
        return Answer(body: body, isPage: true)
    }

    // MARK: Look-ups

    /// `POST /<entity>/lookup`: a bare array of what was found, by ids or natural keys.
    func lookup(_ entity: Entity, _ body: [UInt8]) throws(BadQuery) -> Answer {
        guard let asked = try? JSONValue(parsing: Data(body)), asked.objectValue != nil else {
            throw BadQuery(code: "bad-body", message: "the body must be an object with lists of keys")
        }
        func texts(_ name: String) -> [String] { (asked[name]?.arrayValue ?? []).compactMap(\.stringValue) }
        var found: [SyntheticRecord] = texts("ids").compactMap { self.tables[entity]?.record($0.lowercased()) }
        let natural: [(list: String, parameter: String, entity: Entity)] = [
            ("civicNos", "civicno", .person), ("schoolUnitCodes", "schoolunitcode", .organisation),
            ("organisationCodes", "organisationcode", .organisation), ("personIds", "child", .placement),
        ]
        for key in natural where key.entity == entity && !texts(key.list).isEmpty {
            let query = try ListQuery(texts(key.list).map { (key.parameter, $0) }, of: entity)
            found += self.records(of: entity).filter { query.admits($0) && !found.contains($0) }
        }
        var bytes: [UInt8] = [0x5B]
        for (position, record) in found.enumerated() {
            if position > 0 { bytes.append(0x2C) }
            bytes += self.element(record)
        }
        bytes.append(0x5D)
        return Answer(body: bytes)
    }
}
