public import Foundation
public import Logging
import SchoolRecords
import Synchronization

/// Writes each log line as one JSON object: `time` (RFC 3339 in UTC), `level`, `label`, `message`, and the metadata by their names.
public struct JSONLogHandler: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata = Logger.Metadata()
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let write: @Sendable (Data) -> Void

    /// Writes to standard error, a line at a time.
    public static func standardError(label: String) -> JSONLogHandler {
        JSONLogHandler(label: label) { line in
            Self.turn.withLock { _ in try? FileHandle.standardError.write(contentsOf: line) }
        }
    }

    private static let turn = Mutex(())

    /// Writes somewhere else, a line at a time.
    public static func writing(label: String, _ write: @escaping @Sendable (Data) -> Void) -> JSONLogHandler {
        JSONLogHandler(label: label, write: write)
    }

    init(label: String, write: @escaping @Sendable (Data) -> Void) {
        self.label = label
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var members: [String: JSONValue] = [:]
        let metadata = (self.metadataProvider?.get() ?? [:]).merging(self.metadata) { $1 }
            .merging(event.metadata ?? [:]) { $1 }
        for (name, value) in metadata { members[name] = Self.value(value) }
        // What a line is about never hides what it is.
        members["time"] = .string(Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        members["level"] = .string(event.level.rawValue)
        members["label"] = .string(self.label)
        members["message"] = .string("\(event.message)")
        self.write(JSONValue.object(members).canonicalData + Data("\n".utf8))
    }

    private static func value(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string("\(value)")
        case .array(let values): .array(values.map(self.value))
        case .dictionary(let members): .object(members.mapValues(self.value))
        }
    }
}
