import Foundation
import Testing

/// The vendor's schemas, which documents are held to with `xmllint`.
enum VendorSchema {
    private static let folder: URL = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<2 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("Fixtures/edlevo")
    }()

    /// The schema of a document's name space.
    private static func schema(_ document: Data) -> String? {
        let head = String(decoding: document.prefix(400), as: UTF8.self)
        return [
            "organization/v12": "organization-v12", "person/v6": "person-v6", "personnel/v8": "personnel-v8",
            "absence/v2": "absence-v2", "monitoring/v1": "monitoring-v1", "calendarevent/v2": "calendar-v2",
        ].first { head.contains("http://open.tieto.com/edu/\($0.key)\"") }?.value
    }

    /// Records an issue for every document that its schema doesn't allow.
    static func expectValid(_ documents: [Data], sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/xmllint") else {
            Issue.record(
                "xmllint is missing, so documents can't be held to the vendor's schemas: apt-get install libxml2-utils",
                sourceLocation: sourceLocation)
            return
        }
        #expect(!documents.isEmpty, sourceLocation: sourceLocation)
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("xmllint-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        var bySchema: [String: [String]] = [:]
        for (number, document) in documents.enumerated() {
            let name = try #require(self.schema(document), "a document of no schema", sourceLocation: sourceLocation)
            let path = scratch.appendingPathComponent("\(number).xml")
            try document.write(to: path)
            bySchema[name, default: []].append(path.path)
        }
        for (name, paths) in bySchema {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/xmllint")
            let schema = self.folder.appendingPathComponent("tieto-edu-\(name).xsd").path
            process.arguments = ["--noout", "--schema", schema] + paths
            let errors = Pipe()
            process.standardError = errors
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let bad = text.split(separator: "\n").filter { !$0.hasSuffix(" validates") }.prefix(5).joined(separator: "\n")
            #expect(process.terminationStatus == 0, "\(name): \(bad)", sourceLocation: sourceLocation)
        }
    }
}
