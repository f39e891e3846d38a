import ConnectorKit
import Connectors
import Foundation
import SchoolRecords

/// A drop folder of a test's own and settings for it; gone afterwards.
struct UnikumFolder {
    let path: String

    static func with<Result>(_ body: (UnikumFolder) async throws -> Result) async throws -> Result {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("unikum-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = UnikumFolder(path: root + "/drop")
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        return try await body(folder)
    }

    static let person = [
        "givenName", "familyName", "email", "personalNumber", "description", "phone", "mobile", "workPhone", "address",
        "postalCode", "city", "hideContact", "personalNotices", "schoolNotices", "systemNotices", "schoolYear", "", "",
    ]

    /// The documented columns, with the names that the stand-in gives them.
    static func settings(_ path: String, _ change: (inout JSONValue) -> Void = { _ in }) -> JSONValue {
        var settings: JSONValue = [
            "connector": "delimited_files", "drop_folder": .string(path), "batch_size": 10, "max_waiting_batches": 5,
            "objects": [
                "file_name": "knutpunkt-{batch}-1-objects.txt", "delimiter": "tab", "encoding": "utf-8", "line_ending": "lf",
                "header": false,
                "rows": [
                    "person": .array(self.person.map { .string($0) }),
                    "class": ["externalId", "name", "schoolForm", "ageFrom", "ageTo", "description"],
                    "school": [
                        "externalId", "scbCode", "name", "schoolForm", "ageFrom", "ageTo", "description", "url", "phone", "fax",
                        "address", "postalCode", "city", "visitingAddress",
                    ],
                ],
                "types": ["person": "user", "class": "class", "school": "school"],
            ],
            "relations": [
                "file_name": "knutpunkt-{batch}-2-relations.txt", "delimiter": "tab", "encoding": "utf-8", "line_ending": "lf",
                "header": false, "columns": ["operation", "relation", "from", "to"], "add": "add", "remove": "remove",
                "types": ["class_in_school", "student_in_class", "student_in_school", "guardian_for"],
            ],
        ]
        change(&settings)
        return settings
    }

    func connector(
        files: any FileSystem = LocalFileSystem(), _ change: (inout JSONValue) -> Void = { _ in }
    ) throws -> UnikumConnector {
        try UnikumConnector.make(
            system: "unikum", settings: Self.settings(self.path, change), files: files, logger: ServerUnderTest.silent)
    }

    /// Every name in the folder, dot-files too, sorted.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: self.path).sorted() }
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: self.path + "/" + name)))
    }

    func text(_ name: String) throws -> String { String(decoding: try self.bytes(name), as: UTF8.self) }
}

extension JSONValue {
    /// Sets a member of a member: `set("objects", "delimiter", "comma")`.
    mutating func set(_ outer: String, _ inner: String, _ value: JSONValue?) {
        var member = self[outer]
        member?[inner] = value
        self[outer] = member
    }
}
