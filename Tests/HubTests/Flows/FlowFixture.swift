import Hub
import Mapping
import SchoolRecords

/// Settings of flows and states of persons for tests.
enum FlowFixture {
    /// A flow's settings as `flows.yaml` gives them, its lines without indentation; the systems `kaa` and `vega` are there.
    static func settings(_ flow: String, _ lines: String) throws -> FlowDescription {
        guard let settings = try Self.set(flow, lines).flows[flow] else { throw TestProblem("no flow \(flow)") }
        return settings
    }

    static func set(_ flow: String, _ lines: String) throws -> MappingSet {
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        let load = MappingSet.load(
            ["kaa", "vega"].map {
                MappingFile(path: "\($0)/system.yaml", text: "connector: full_files\ndirection: target\n")
            } + [MappingFile(path: "flows.yaml", text: "flows:\n  \(flow):\n\(indented)")])
        guard let set = load.set else { throw TestProblem("\(load.diagnostics)") }
        return set
    }

    static func record(_ entity: Entity, _ json: JSONValue, source: String = "edlevo", sequence: Int64 = 1) throws -> FlowRecord {
        let record = try SchoolRecord.validate(entity, json)
        return FlowRecord(
            key: RecordKey(entity, record["id"]?.stringValue ?? ""), source: source, sequence: sequence,
            time: "2026-11-20T08:00:00.000Z", json: record)
    }
}
