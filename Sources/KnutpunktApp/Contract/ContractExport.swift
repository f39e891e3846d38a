import Console
import Foundation
import Messaging
import SchoolRecords

/// The public message contract as files: `asyncapi.json`, `schemas/`, `examples/`, and the HTTP API's `openapi.json`. The same program writes the same
/// bytes.
public struct ContractExport: Sendable {
    /// One file of the contract.
    public struct File: Sendable, Hashable, Encodable {
        /// Relative to the folder, with `/`.
        public let path: String
        /// How many bytes it has.
        public let bytes: Int
        let text: String

        init(path: String, _ content: JSONValue) throws {
            self.path = path
            self.text = try ReadableJSON.text(content) + "\n"
            self.bytes = self.text.utf8.count
        }

        enum CodingKeys: String, CodingKey { case path, bytes }
    }

    /// In the order in which they are written: what refers to others comes last.
    public let files: [File]

    /// Makes the contract's files, without writing any.
    public init() throws {
        var files: [File] = []
        for entity in Entity.allCases {
            let name = entity.rawValue
            files.append(try File(path: "schemas/\(name).schema.json", JSONSchema.schema(of: entity)))
        }
        files.append(try File(path: "schemas/headers.schema.json", ContractHeaders.schema))
        files.append(try File(path: "schemas/deletion.schema.json", ContractHeaders.deletion))
        files.append(try File(path: "schemas/role-headers.schema.json", ContractRoles.headers))
        for (name, schema) in ContractQuestions.schemas {
            files.append(try File(path: "schemas/\(name).schema.json", schema))
        }
        for (name, example) in ContractQuestions.examples + ContractRoles.examples {
            files.append(try File(path: "examples/\(name).json", example))
        }
        for entity in Entity.allCases {
            for operation in [RecordChange.Operation.upserted, .deleted] {
                let example = Self.example(ContractExamples.change(of: entity, operation))
                files.append(
                    try File(path: "examples/\(AsyncAPIDocument.name(entity, operation)).json", example))
            }
        }
        files.append(try File(path: "asyncapi.json", AsyncAPIDocument(entities: Entity.allCases).json))
        files.append(try File(path: "openapi.json", OpenAPIDocument.json))
        self.files = files
    }

    /// Writes the files into a folder, which is made when it isn't there. A file is whole or not there at all.
    ///
    /// - Parameter force: also into a folder that has something in it; what is there besides stays.
    /// - Throws: ``AppError`` naming the path when the folder has something in
    ///   it, is no folder, or can't be written.
    public func write(to folder: String, force: Bool) throws {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: folder, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw AppError(.configuration, "\(folder): is no folder.") }
            guard let names = try? manager.contentsOfDirectory(atPath: folder) else {
                throw AppError(.configuration, "\(folder): can't be read.")
            }
            guard force || names.isEmpty else {
                throw AppError(
                    .configuration, "\(folder): has something in it. Name an empty or new folder, or say --force.")
            }
        }
        for file in self.files {
            let url = URL(fileURLWithPath: folder).appendingPathComponent(file.path)
            do {
                try manager.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.text.utf8).write(to: url, options: .atomic)
            } catch {
                throw AppError(.configuration, "\(url.path): can't be written: \(error.localizedDescription)", cause: error)
            }
        }
    }

    /// Headers and body of a message as AsyncAPI's examples have them.
    static func example(_ change: RecordChange) -> JSONValue { Self.example(change.message, routingKey: change.routingKey) }

    static func example(_ message: Message, routingKey: String) -> JSONValue {
        var headers: [String: JSONValue] = [:]
        for (name, value) in message.headers {
            if case .string(let text) = value { headers[name] = .string(text) }
        }
        let payload = (try? JSONValue(parsing: message.body)) ?? .null
        return ["name": .string(routingKey), "headers": .object(headers), "payload": payload]
    }
}
