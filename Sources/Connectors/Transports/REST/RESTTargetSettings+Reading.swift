import Foundation
import Mapping
import SchoolRecords

extension RESTTargetSettings {
    /// Reads the settings of a system that takes JSON over REST, by default in the shapes of SS 12000.
    ///
    /// ```yaml
    /// connector: ss12000_rest
    /// connection:                     # as for the connector ss12000: base_url, token_url, api_path, client_id, …
    ///   base_url: https://server.example
    /// batch_size: 200                 # records in one batch, 1 to 10000
    /// parallel_calls: 4               # calls under way at the same time, 1 to 32
    /// resources:                      # in the order in which rows are written; removals go the other way
    ///   - kind: absence               # the rows' kind in the mapping
    ///     path: absences              # below api_path; a row is put to, and deleted at, path/{key}
    ///     key: id                     # the body's member with the row's key
    ///     write: put                  # or post, to the list; then the system must keep the keys it is given
    ///     delete: true                # whether rows can be taken away
    ///     required: [student]         # a row without one of these is refused
    ///     body:                       # {field}, {field:integer}, {field:number}, {field:boolean}, {field:json}
    ///       student: {id: "{student}"}
    ///       startTime: "{from}"
    ///       type: Anmäld frånvaro     # anything else stands as it is
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        self.batchSize = reader.count("batch_size", in: 1...10_000, default: 200)
        self.parallelCalls = reader.count("parallel_calls", in: 1...32, default: 4)
        self.resources = Self.resources(&reader)
        var problems = reader.problems
        let server: SS12000Settings?
        do throws(SettingsError) {
            server = try SS12000Settings(system: system, settings: settings)
        } catch {
            server = nil
            problems = error.problems + problems
        }
        guard let server, problems.isEmpty else { throw SettingsError(system: system, problems: problems) }
        self.server = server
    }

    private static func resources(_ reader: inout SettingsReader) -> [RESTResource] {
        guard let elements = reader.value("resources")?.arrayValue, !elements.isEmpty else {
            reader.complain("resources", "must be a list of one resource or more, each with kind, path and body")
            return []
        }
        var resources: [RESTResource] = []
        for (position, element) in elements.enumerated() {
            var part = SettingsReader(element)
            let resource = Self.resource(&part)
            for problem in part.problems {
                let path = problem.path.isEmpty ? "" : ".\(problem.path)"
                reader.complain("resources[\(position)]\(path)", problem.message)
            }
            if resources.contains(where: { $0.kind == resource.kind }) {
                reader.complain("resources[\(position)].kind", "\(resource.kind) is there twice; a kind has one resource")
            }
            resources.append(resource)
        }
        return resources
    }

    private static let names = ["kind", "path", "key", "write", "delete", "required", "body"]

    private static func resource(_ reader: inout SettingsReader) -> RESTResource {
        for name in (reader.value("")?.objectValue ?? [:]).keys.sorted() where !self.names.contains(name) {
            reader.complain(name, "is no setting; known are \(self.names.joined(separator: ", "))")
        }
        let path = reader.text("path").trimmingCharacters(in: CharacterSet(charactersIn: "/"))
        if path.contains(where: { $0 == "?" || $0 == "#" || $0 == "{" || $0.isWhitespace }) {
            reader.complain("path", "must be a path such as absences, without query and places; the key comes after it")
        }
        let body = reader.value("body") ?? .null
        if body.objectValue?.isEmpty ?? true { reader.complain("body", "must be names with values, as the system takes them") }
        BodyTemplate.complain(about: body, "body", &reader)
        let template = BodyTemplate(body)
        let required = reader.value("required") == nil ? [] : reader.texts("required")
        for field in required where !template.fields.contains(field) {
            reader.complain("required", "\(field) has no place in body")
        }
        return RESTResource(
            kind: reader.text("kind"), path: path, keyMember: reader.text("key", default: "id"),
            write: reader.choice("write", of: RESTResource.Write.allCases.map { ($0.rawValue, $0) }, default: .put),
            isDeletable: reader.flag("delete", default: true), required: required, body: template)
    }
}
