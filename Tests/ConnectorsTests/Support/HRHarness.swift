import ConnectorKit
import ConnectorTesting
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

/// A personnel system that leaves files of employments, with the settings that the project ships, as the contract for sources sees it.
final class HRHarness: SourceHarness {
    private let folder: InboxFolder
    private let standIn: HRStandIn

    static let shown: Set<SourceFault> = [
        .down, .duplicateRows, .empty, .wrongEncoding, .clockSkew, .truncatedPage, .foreignPage,
    ]
    var faults: Set<SourceFault> { Self.shown }
    var brokenEntity: Entity { .employee }
    var brokenElementsWithoutKey: Int { 0 }
    var secrets: [String] { ["TF04", "Öberg"] }

    private init(_ folder: InboxFolder) {
        self.folder = folder
        self.standIn = HRStandIn(folder: folder.path)
    }

    static func with(_ body: (HRHarness) async throws -> Void) async throws {
        try await InboxFolder.with { folder in
            let harness = HRHarness(folder)
            let rows = (1...12).map { number in
                // Every fourth person has two employments.
                var row = HREmployment(
                    "A\(100 + number)", of: "1980010\(number % 9 + 1)TF04", at: "EX01", as: "2752",
                    from: "2026-08-0\(number % 9 + 1)")
                row.titleName = "Lärare Öberg"
                row.end = number % 2 == 0 ? "9999-12-31" : ""
                return row
            }
            await harness.standIn.set(rows)
            try await harness.standIn.export()
            try await body(harness)
        }
    }

    func connector() async throws -> any SourceConnector { try self.folder.connector(of: "hr") }

    private static func id(_ number: String) -> String { RowID.uuid(system: "hr", entity: .employee, parts: [number]) }

    /// Rows of one person together, by the id that their record has.
    private var people: [String: [HREmployment]] {
        get async {
            let groups = Dictionary(grouping: await self.standIn.rows, by: \.identityNumber).values
            return Dictionary(
                uniqueKeysWithValues: groups.map { group in
                    let sorted = group.sorted { $0.number < $1.number }
                    return (Self.id(sorted[0].number), sorted)
                })
        }
    }

    func held(_ entity: Entity) async throws -> [String: JSONValue] {
        // Times are those of taking in, which only the connector knows.
        let connector = try await self.connector()
        var held: [String: JSONValue] = [:]
        for (id, rows) in await self.people {
            guard let meta = try await connector.read(RecordKey(.employee, id))?.document["meta"] else { continue }
            let parts = rows.map { row -> JSONValue in
                [
                    "anstallningsnummer": .string(row.number), "personnummer": .string(row.identityNumber),
                    "enhet": .string(row.unit),
                    "befattning": .string(row.title), "befattning_namn": .string(row.titleName),
                    "anstallningsform": "tillsvidare",
                    "sysselsattningsgrad": "100,00", "fran": .string(row.start),
                ]
            }
            held[id] = [
                "id": .string(id), "meta": meta, "personnummer": .string(rows[0].identityNumber), "rows": .array(parts),
            ]
        }
        return held
    }

    func change(_ key: RecordKey) async throws {
        self.folder.clock.advance(by: .seconds(60))
        let number = await self.people[key.id]?.first?.number
        await self.standIn.change { rows in
            for index in rows.indices where rows[index].number == number { rows[index].titleName = "Förstelärare" }
        }
        try await self.standIn.export()
    }

    func delete(_ key: RecordKey) async throws {
        self.folder.clock.advance(by: .seconds(60))
        let number = await self.people[key.id]?.first?.identityNumber
        await self.standIn.change { rows in rows.removeAll { $0.identityNumber == number } }
        try await self.standIn.export()
    }

    func misbehave(_ fault: SourceFault?) async throws {
        try self.folder.begin(fault)
        switch fault {
        case .down: break
        case .empty:
            await self.standIn.set([])
            try await self.standIn.export()
        case .duplicateRows: try await self.standIn.export(fault: .rowsTwice)
        case .wrongEncoding: try self.folder.drop("anstallningar-0.csv", "anstallningsnummer;personnummer\nA1;Öberg\n")
        case .truncatedPage: try await self.standIn.export(fault: .halfAFile)
        case .foreignPage:
            try self.folder.drop("anstallningar-0.csv", "<!DOCTYPE html>\n<html><body>Logga in</body></html>\n")
        default: try await self.standIn.export()
        }
    }
}
