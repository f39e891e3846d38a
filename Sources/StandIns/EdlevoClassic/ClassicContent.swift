import SchoolRecords

/// The records of a municipality at one moment, to make exports of.
struct ClassicContent: Sendable {
    private(set) var organisations: [String: JSONValue] = [:]
    private(set) var persons: [String: JSONValue] = [:]
    private(set) var groups: [String: JSONValue] = [:]
    private(set) var duties: [String: JSONValue] = [:]
    private(set) var placements: [String: JSONValue] = [:]

    init(_ records: [Entity: [SyntheticRecord]]) {
        func table(_ entity: Entity) -> [String: JSONValue] {
            var table: [String: JSONValue] = [:]
            for record in records[entity] ?? [] { table[record.key.id] = try? record.document() }
            return table
        }
        self.organisations = table(.organisation)
        self.persons = table(.person)
        self.groups = table(.group)
        self.duties = table(.duty)
        self.placements = table(.placement)
    }

    func modified(_ document: JSONValue) -> String { Self.stamp(document, "modified") }
    func created(_ document: JSONValue) -> String { Self.stamp(document, "created") }

    private static func stamp(_ document: JSONValue, _ name: String) -> String {
        document["meta"]?[name]?.stringValue.flatMap { Timestamp($0) }.map { ClassicXML.time($0) } ?? "2000-01-01T00:00:00"
    }

    /// Whether something with these dates is there on a day; both days belong to it.
    static func isValid(_ document: JSONValue, on day: String) -> Bool {
        (document["startDate"]?.stringValue ?? "") <= day && day <= (document["endDate"]?.stringValue ?? ClassicXML.noEnd)
    }
}

extension EdlevoStandIn {
    /// The records as they were at a moment.
    func content(asOf time: Timestamp? = nil) -> ClassicContent {
        var records: [Entity: [SyntheticRecord]] = [:]
        for entity in Entity.roster {
            var present = self.records(of: entity)
            if let time {
                present = present.compactMap { record in
                    record.stamps.modified <= time
                        ? record
                        : (self.earlier[record.key] ?? []).compactMap(\.self).last { $0.stamps.modified <= time }
                }
                for tombstone in self.tombstones where tombstone.key.entity == entity && tombstone.at > time {
                    let state = (self.earlier[tombstone.key] ?? []).compactMap(\.self).last { $0.stamps.modified <= time }
                    if let state { present.append(state) }
                }
            }
            records[entity] = present
        }
        return ClassicContent(records)
    }

    /// Whether anything has changed after one moment and up to another.
    func hasChanges(after start: Timestamp, upTo end: Timestamp) -> Bool {
        self.tombstones.contains { $0.at > start && $0.at <= end }
            || Entity.roster.contains { entity in
                self.records(of: entity).contains { record in
                    ([record] + (self.earlier[record.key] ?? []).compactMap(\.self)).contains {
                        $0.stamps.modified > start && $0.stamps.modified <= end
                    }
                }
            }
    }
}
