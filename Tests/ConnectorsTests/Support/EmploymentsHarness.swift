import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

/// Edlevo's import of employments with the settings that the project ships, as the contract for targets sees it. What can be taken away
/// again are principal names of the same system: employments only end.
struct EmploymentsHarness: TargetHarness {
    let names: EdlevoClassicTargetHarness
    let school: String

    static let shown: Set<TargetFault> = [
        .away, .failing, .slow, .tooManyRequests, .expiredCredentials, .lostReplies, .breaksOff, .clockSkew,
    ]
    var faults: Set<TargetFault> { Self.shown }

    static func with(_ body: (EmploymentsHarness) async throws -> Void) async throws {
        try await EdlevoClassicTargetHarness.with { names in
            let schools = try await names.standIn.register.truth(.organisation).filter { $0.value["organisationType"] == "Skola" }
            try await body(EmploymentsHarness(names: names, school: try #require(schools.keys.min())))
        }
    }

    func connector() async throws -> any TargetConnector {
        let shipped = try #require(ShippedSystem.mappings?.inactive["edlevoemployments"]?.side(.target)).settings
        return try await self.names.connector { settings in
            let connection = settings["connection"]
            settings = shipped
            settings["connection"] = connection
            settings["eppn_service"] = "azure"
            settings["request_timeout_seconds"] = 2
            // What is sent beside a call that is refused may come after the fault is over, and is taken then: once more is no harm, but
            // the contract would see it.
            settings["parallel_calls"] = 1
        }
    }

    func misbehave(_ fault: TargetFault?) async throws { try await self.names.misbehave(fault) }

    private static func day(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    func object(_ number: Int, version: Int) -> TargetRow {
        TargetRow(
            kind: "employment", key: "A\(number)/UA/2026-08-01",
            fields: [
                "personid": "198001\(Self.day(number))TF04", "uniqueid": "u\(number)", "employeenumber": "A\(number)",
                "start": "2026-08-01", "titlecode": "2752", "titlename": "Lärare & \(version)", "type": "UntilFurther",
                "info": "A\(number)/UA/2026-08-01", "category": "TeachingPersonnel", "placement_start": "2026-08-01",
                "placement_percent": "\(version)0", "place": self.school, "schooltype": "GR",
            ])
    }

    func relation(_ number: Int) -> TargetRow { self.names.relation(number) }

    func held() async throws -> Set<TargetRow> {
        var rows = try await self.names.held().filter { $0.kind == "eppn" }
        for (key, held) in await self.names.standIn.held.employments {
            var fields = ["personid": held.personID, "info": key]
            let number = held.fields["employeenumber"] ?? ""
            fields["uniqueid"] = "u\(number.dropFirst())"
            for (name, path) in [
                ("employeenumber", "employeenumber"), ("start", "start"), ("titlecode", "titlecode"), ("titlename", "titlename"),
                ("type", "type"), ("category", "placement.category"), ("placement_start", "placement.start"),
                ("placement_percent", "placement.percent"), ("schooltype", "place.schooltype"),
            ] { fields[name] = held.fields[path] }
            fields["place"] = held.fields["place.id"].map(RecordKey.normalID)
            rows.insert(TargetRow(kind: "employment", key: key, fields: fields))
        }
        return rows
    }

    var unwritable: TargetRow? {
        var fields = self.object(9, version: 1).fields
        fields["end"] = "2026-07-31"
        return TargetRow(kind: "employment", key: "backwards", fields: fields)
    }

    func needlessWrites() async throws -> Int? { nil }
}
