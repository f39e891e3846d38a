import ConnectorKit
import Foundation
import SchoolRecords

/// What the files of one kind come to, taken one after the other. Pure.
struct DelimitedState: Sendable {
    struct Held: Sendable {
        let fields: [String: String]
        let parts: [[String: String]]
        let created: Date
        let modified: Date
    }

    private(set) var held: [String: Held] = [:]
    private(set) var order: [String] = []
    /// When the last file was taken.
    private(set) var told: Date?
    private(set) var deleted: [(id: String, at: Date)] = []
    /// Whom or what notices are about → the id of the first of them, which those after it have too.
    private var subjects: [String: String] = [:]
    /// Rows that can't be used, since the last full file.
    private(set) var broken: [(problem: FileProblem, at: Date)] = []

    /// Takes a file.
    ///
    /// - Returns: how many records are new, changed and gone.
    @discardableResult
    mutating func take(
        _ content: DelimitedFileContent, _ file: DelimitedSourceSettings.File, at time: Date
    ) -> (new: Int, changed: Int, gone: Int) {
        var counts = (new: 0, changed: 0, gone: 0)
        self.told = time
        if file.content == .full { self.broken = [] }
        self.broken += content.broken.map { ($0, time) }
        for place in content.order {
            guard let row = content.rows[place] else { continue }
            let id = row.subject.flatMap { self.subjects[$0] } ?? place
            if let subject = row.subject { self.subjects[subject] = id }
            if row.isDeletion {
                if self.remove(id, at: time) { counts.gone += 1 }
                continue
            }
            let before = self.held[id]
            if before == nil {
                self.order.append(id)
                self.deleted.removeAll { $0.id == id }
                counts.new += 1
            } else if before?.fields != row.fields || before?.parts != row.parts {
                counts.changed += 1
            } else {
                continue
            }
            self.held[id] = Held(fields: row.fields, parts: row.parts, created: before?.created ?? time, modified: time)
        }
        // A row that can't be read may be any record: then nothing is gone for not being there.
        if file.content == .full, content.broken.isEmpty {
            for id in self.order where content.rows[id] == nil {
                if self.remove(id, at: time) { counts.gone += 1 }
            }
        }
        self.order.removeAll { self.held[$0] == nil }
        return counts
    }

    /// Drops notices that came before an instant: they have been told, and say nothing of what is.
    mutating func forget(before instant: Date) {
        self.held = self.held.filter { $0.value.modified >= instant }
        self.order.removeAll { self.held[$0] == nil }
        self.subjects = self.subjects.filter { self.held[$0.value] != nil }
        self.broken.removeAll { $0.at < instant }
    }

    private mutating func remove(_ id: String, at time: Date) -> Bool {
        guard self.held.removeValue(forKey: id) != nil else { return false }
        self.deleted.append((id, time))
        return true
    }

    /// A record's document: its columns by name, `id`, and `meta` with when the hub first had it and had it change.
    func document(_ id: String) -> JSONValue? {
        guard let held = self.held[id] else { return nil }
        var members = held.fields.mapValues { JSONValue.string($0) }
        members["id"] = .string(id)
        if !held.parts.isEmpty { members["rows"] = .array(held.parts.map { .object(JSONObject($0.mapValues { .string($0) })) }) }
        members["meta"] = [
            "created": .string(Instant.text(held.created)), "modified": .string(Instant.text(held.modified)),
        ]
        return .object(members)
    }
}
