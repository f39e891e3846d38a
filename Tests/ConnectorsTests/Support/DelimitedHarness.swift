import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import Synchronization

/// A system that leaves full files of absences in a folder, as the contract for sources sees it.
final class DelimitedHarness: SourceHarness {
    private struct State {
        var rows: [String: [String: String]] = [:]
        var documents: [String: JSONValue] = [:]
        var number = 0
        var fault: SourceFault?
    }

    private let folder: InboxFolder
    private let state: Mutex<State>

    private init(_ folder: InboxFolder) throws {
        self.folder = folder
        let rows = (1...8).map { number in
            ("absence-\(number)", ["student": "Åsa Öberg-\(number)", "day": "2026-11-0\(number)"])
        }
        self.state = Mutex(State(rows: Dictionary(uniqueKeysWithValues: rows)))
        try self.export()
    }

    static func with(_ body: (DelimitedHarness) async throws -> Void) async throws {
        try await InboxFolder.with { try await body(DelimitedHarness($0)) }
    }

    static let shown: Set<SourceFault> = [
        .down, .brokenRecord, .duplicateRows, .empty, .wrongEncoding, .clockSkew, .truncatedPage, .foreignPage,
    ]
    var faults: Set<SourceFault> { Self.shown }
    var brokenEntity: Entity { .absence }
    var brokenElementsWithoutKey: Int { 2 }
    var secrets: [String] { ["Öberg"] }

    /// Leaves a file of everything there is, as the fault has it.
    private func export() throws {
        let (name, text) = self.state.withLock { state in
            state.number += 1
            var lines = state.rows.sorted { $0.key < $1.key }.map { id, row in
                "\(id);\(row["student"] ?? "");\(row["day"] ?? "")"
            }
            if state.fault == .empty { lines = [] }
            if state.fault == .duplicateRows { lines += lines.suffix(2) }
            if state.fault == .brokenRecord { lines += [";Öberg;2026-11-01", "a;b"] }
            let header = "id;student;day"
            return ("absences-\(state.number).csv", ([header] + lines).joined(separator: "\n") + "\n")
        }
        try self.folder.drop(name, text)
    }

    func connector() async throws -> any SourceConnector {
        try self.folder.connector([
            "entity": "absence", "name": "absences-*.csv", "columns": ["id", "student", "day"], "key": ["id"],
            "key_form": "text", "bad_rows": "skip", "dates": ["day": "yyyy-MM-dd"],
        ])
    }

    func held(_ entity: Entity) async throws -> [String: JSONValue] {
        // Times are those of taking in, which only the connector knows; the columns are what was exported.
        let connector = try await self.connector()
        let rows = self.state.withLock { $0.rows }
        var held: [String: JSONValue] = [:]
        for (id, row) in rows {
            guard var document = try await connector.read(RecordKey(.absence, id))?.document else { continue }
            for (name, text) in row { document[name] = .string(text) }
            held[id] = document
        }
        return held
    }

    func change(_ key: RecordKey) async throws {
        self.folder.clock.advance(by: .seconds(60))
        self.state.withLock { $0.rows[key.id]?["student"] = "Örjan" }
        try self.export()
    }

    func delete(_ key: RecordKey) async throws {
        self.folder.clock.advance(by: .seconds(60))
        self.state.withLock { _ = $0.rows.removeValue(forKey: key.id) }
        try self.export()
    }

    func misbehave(_ fault: SourceFault?) async throws {
        try self.folder.begin(fault)
        self.state.withLock { $0.fault = fault }
        switch fault {
        case .down: break
        case .wrongEncoding:
            let text = "id;student;day\nabsence-1;Åsa;2026-11-01\n"
            try self.folder.drop("absences-0.csv", Data(text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F }))
        // Half a file, and one that is no table: rejected, and what was there before holds.
        case .truncatedPage: try self.folder.drop("absences-0.csv", "id;student;day\nabsence-1;Öber")
        case .foreignPage:
            try self.folder.drop("absences-0.csv", "<!DOCTYPE html>\n<html><body>Logga in</body></html>\n")
        default: try self.export()
        }
    }
}
