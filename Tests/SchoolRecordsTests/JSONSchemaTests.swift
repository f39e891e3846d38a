import TestChance
import Foundation
import SchoolRecords
import Testing

@Suite("JSON Schemas of the records")
struct JSONSchemaTests {
    @Test func `an independent validator takes what is written, and refuses what lacks a field or has a wrong value`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var samples = ShapeSamples(random: SeededRandom(seed: seed), share: 60)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("knutpunkt-schemas-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var lines = Data()
        func add(_ entity: Entity, _ record: JSONValue, valid: Bool) {
            lines += (["entity": .string(entity.rawValue), "record": record, "valid": .bool(valid)] as JSONValue).canonicalData
            lines.append(UInt8(ascii: "\n"))
        }
        for entity in Entity.allCases {
            try JSONSchema.schema(of: entity).canonicalData
                .write(to: folder.appendingPathComponent("\(entity.rawValue).schema.json"))
            for _ in 0..<50 {
                add(entity, try SchoolRecord.validate(entity, samples.record(entity.shape)), valid: true)
            }
            let record = Samples.record(of: entity)
            for name in entity.shape.required {
                var lacking = record
                lacking[name] = nil
                add(entity, lacking, valid: false)
            }
            for name in entity.shape.kept.keys {
                var wrong = record
                wrong[name] = .number(0.5)
                add(entity, wrong, valid: false)
            }
            for (name, form) in entity.shape.forms {
                guard let value = Self.outside(form) else { continue }
                var wrong = record
                wrong[name] = record[name]?.arrayValue == nil ? value : [value]
                add(entity, wrong, valid: false)
            }
        }
        let records = folder.appendingPathComponent("records.ndjson")
        try lines.write(to: records)
        let outcome = try Python.run("check_records.py", [folder.path, records.path])
        #expect(outcome.status == 0, "seed \(seed): \(outcome.errors)")
    }

    /// What reading refuses as well.
    private static func outside(_ form: FieldForm) -> JSONValue? {
        switch form {
        case .id: ""
        case .code: "okänd kod"
        case .openCode: nil
        case .range(let range): .integer(Int64(range.upperBound) + 1)
        case .moment: "2026-08-17"
        case .timeOfDay: "7"
        }
    }

    @Test(arguments: Entity.allCases)
    func `a schema is always the same, and no two have the same name`(entity: Entity) {
        #expect(JSONSchema.schema(of: entity) == JSONSchema.schema(of: entity))
        #expect(Set(Entity.allCases.map(JSONSchema.id)).count == Entity.allCases.count)
    }
}

/// The scripts in Tests/Contract.
private enum Python {
    static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, errors: String) {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Contract/\(script)").standardized.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", path] + arguments
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, errors)
    }
}
