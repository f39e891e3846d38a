import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("The schema for editors")
struct SchemaTests {
    private static var document: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/mapping.schema.json")
            .standardized
    }

    @Test func `the schema in the documents is the language's`() throws {
        let data = try Data(contentsOf: Self.document)
        #expect(
            try JSONValue(parsing: data) == MappingSchema.json,
            "write it anew: knutpunkt mapping schema > docs/mapping.schema.json")
    }

    @Test func `every transform with an argument says what it takes`() throws {
        let arguments = try #require(
            MappingSchema.json["$defs"]?["transform"]?["anyOf"]?.arrayValue?.last?["properties"]?.objectValue)
        #expect(arguments.count > 10)
        for (name, argument) in arguments { #expect(argument.objectValue != nil, "\(name)") }
    }

    @Test func `every reference in the schema leads somewhere`() throws {
        let schema = MappingSchema.json
        let names = Set((schema["$defs"]?.objectValue ?? [:]).keys)
        func walk(_ value: JSONValue) {
            if let target = value["$ref"]?.stringValue { #expect(names.contains(String(target.dropFirst("#/$defs/".count)))) }
            for member in (value.objectValue ?? [:]).values { walk(member) }
            for element in value.arrayValue ?? [] { walk(element) }
        }
        walk(schema)
    }
}
