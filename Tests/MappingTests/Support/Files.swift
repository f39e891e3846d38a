import Foundation
import Mapping
import SchoolRecords
import Testing

/// Small sets of mapping files, written in the tests.
enum Files {
    static let target = """
        connector: delimited_files
        direction: target
        town: Exempelstad
        """
    static let source = """
        connector: rest
        direction: source
        """

    /// A mapping of one entity to system `out`, together with other files.
    static func outbound(_ text: String, entity: Entity = .person, system: String = Self.target, others: [String: String] = [:])
        -> MappingLoad
    {
        Self.load(["out/system.yaml": system, "out/\(entity.rawValue).yaml": text].merging(others) { first, _ in first })
    }

    /// A mapping of one entity from system `in`, together with other files.
    static func inbound(_ text: String, entity: Entity = .person, system: String = Self.source, others: [String: String] = [:])
        -> MappingLoad
    {
        Self.load(["in/system.yaml": system, "in/\(entity.rawValue).yaml": text].merging(others) { first, _ in first })
    }

    static func load(_ files: [String: String]) -> MappingLoad {
        MappingSet.load(files.map { MappingFile(path: $0.key, text: $0.value) })
    }

    /// The project's own mappings.
    static var directory: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings").standardized
            .resolvingSymlinksInPath().path
    }
}

let today = CalendarDate(year: 2026, month: 9, day: 1)

extension MappingLoad {
    /// The diagnostics as a person sees them.
    var lines: [String] {
        self.diagnostics.map(\.description).filter { !$0.contains("no examples") && !$0.contains("says no purpose") }
    }

    func inbound(_ entity: Entity = .person) throws -> InboundMapping {
        let set = try #require(self.set, "\(self.lines)")
        return try #require(set.inbound(system: "in", entity: entity))
    }

    func outbound(_ entity: Entity = .person) throws -> OutboundMapping {
        let set = try #require(self.set, "\(self.lines)")
        return try #require(set.outbound(system: "out", entity: entity))
    }
}

extension OutboundMapping {
    /// The rows of a record that needs no other.
    func rows(_ record: JSONValue, _ lookedUp: [RecordKey: LookedUp] = [:]) throws -> [OutputRow] {
        try self.projection(record, lookedUp).rows
    }

    func projection(_ record: JSONValue, _ lookedUp: [RecordKey: LookedUp] = [:]) throws -> Projection {
        guard case .rows(let projection) = try self.apply(record, today: today, lookedUp: lookedUp) else {
            throw Unexpected("the mapping needs other records")
        }
        return projection
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
