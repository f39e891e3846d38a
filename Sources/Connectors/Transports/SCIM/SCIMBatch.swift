import ConnectorKit
import Mapping
import SchoolRecords

/// A batch as calls, and what came of them. Pure: it sends nothing.
///
/// An object and the elements of its lists are rows of one record, which comes whole: what of it stands as it is, is sent again with
/// what differs.
struct SCIMBatch {
    struct Call: OwnedCall {
        let resource: SCIMResource
        let key: String
        /// As it is sent, and as it is compared; `nil` deletes.
        let object: (filled: JSONValue, plain: JSONValue)?
        let owners: [RecordKey]
        /// Theirs where they share one, or else the batch's.
        let trace: TraceContext?
    }

    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    private var calls: [Call] = []
    var outcome = BatchOutcome<Call>()

    init(_ batch: TargetBatch, settings: SCIMSettings) {
        for write in batch.writes {
            if let failure = Self.refusal(of: write, settings) { self.outcome.refuse(write.record, failure) }
        }
        let refused = self.outcome.refused
        let writes = batch.writes.filter { refused[$0.record] == nil }
        var owners: [Identity: [RecordKey]] = [:]
        // Which write says last what an object is.
        var sayer: [Identity: Int] = [:]
        var touching: [TargetWrite] = []
        for (place, write) in writes.enumerated() {
            let touched = Self.touched(by: write, settings)
            for identity in touched where owners[identity]?.last != write.record {
                owners[identity, default: []].append(write.record)
            }
            func isTouched(_ row: TargetRow) -> Bool { touched.contains(Identity(kind: row.kind, key: row.key)) }
            let set = Self.whole(write).filter(isTouched)
            for row in set { sayer[Identity(kind: row.kind, key: row.key)] = place }
            touching.append(
                TargetWrite(
                    record: write.record, sequence: write.sequence, set: set, removed: write.removed.filter(isTouched)))
        }
        let kinds = Set(settings.resources.map(\.kind))
        let rows = ResolvedRows(touching, relationTypes: kinds)
        let trace = batch.traceOfRecords
        func calls(_ resource: SCIMResource, _ rows: [TargetRow], deletes: Bool) -> [Call] {
            rows.filter { $0.kind == resource.kind }.compactMap { row in
                let identity = Identity(kind: row.kind, key: row.key)
                var object: (filled: JSONValue, plain: JSONValue)?
                if !deletes {
                    let elements = sayer[identity].map { Self.elements(of: row, in: writes[$0], resource) } ?? []
                    guard let filled = try? resource.filled(row, elements), let plain = try? resource.plain(row, elements)
                    else { return nil }
                    object = (filled, plain)
                }
                let givers = owners[identity] ?? []
                return Call(resource: resource, key: row.key, object: object, owners: givers, trace: trace(givers))
            }
        }
        self.calls =
            settings.resources.flatMap { calls($0, rows.added, deletes: false) }
            + settings.resources.reversed().filter(\.isDeletable).flatMap { calls($0, rows.removed, deletes: true) }
    }

    /// The calls in the order in which they are made: what is set, the first types of object first, then what is removed the other
    /// way, so that nothing ever refers to what isn't there. Those of one round are of one type and may go side by side.
    var rounds: [[Call]] {
        self.calls.reduce(into: []) { rounds, call in
            if let last = rounds.last?.last, last.resource.kind == call.resource.kind,
                (last.object == nil) == (call.object == nil)
            {
                rounds[rounds.count - 1].append(call)
            } else {
                rounds.append([call])
            }
        }
    }

    // MARK: Rows and objects

    private static func whole(_ write: TargetWrite) -> [TargetRow] { write.set + (write.kept ?? []) }

    /// The objects that a write changes, by themselves or by elements of theirs.
    private static func touched(by write: TargetWrite, _ settings: SCIMSettings) -> Set<Identity> {
        var touched: Set<Identity> = []
        for row in write.set + write.removed {
            if let (resource, list) = settings.list(of: row.kind) {
                if let key = list.object(of: row) { touched.insert(Identity(kind: resource.kind, key: key)) }
            } else {
                touched.insert(Identity(kind: row.kind, key: row.key))
            }
        }
        return touched
    }

    private static func elements(of row: TargetRow, in write: TargetWrite, _ resource: SCIMResource) -> [TargetRow] {
        self.whole(write).filter { element in
            resource.lists.contains { $0.kind == element.kind && $0.object(of: element) == row.key }
        }
    }

    // MARK: What can't be expressed

    /// Why nothing of a record can be written; `nil` when all can.
    private static func refusal(of write: TargetWrite, _ settings: SCIMSettings) -> ConnectorFailure? {
        let rows = self.whole(write)
        for row in rows {
            if let failure = self.refusal(of: row, settings) { return failure }
        }
        let objects = Set(rows.map { Identity(kind: $0.kind, key: $0.key) })
        for row in write.set {
            guard let (resource, list) = settings.list(of: row.kind), let key = list.object(of: row) else { continue }
            if !objects.contains(Identity(kind: resource.kind, key: key)) {
                return ConnectorFailure(
                    .rejected, code: .relationEndMissing,
                    message:
                        "a \(row.kind) has no \(resource.kind) in the rows of the same record, in which it would be: let the mapping "
                        + "give both from one kind of record")
            }
        }
        for row in write.removed where settings.resource(of: row.kind) == nil && settings.list(of: row.kind) == nil {
            return self.unknown(row)
        }
        return nil
    }

    private static func unknown(_ row: TargetRow) -> ConnectorFailure {
        ConnectorFailure(
            .rejected, code: .unknownRowKind,
            message: "rows of kind \(row.kind) have no place in the system: name it in resources")
    }

    private static func refusal(of row: TargetRow, _ settings: SCIMSettings) -> ConnectorFailure? {
        func refusal(_ code: ConnectorFailure.Code, _ message: String) -> ConnectorFailure {
            ConnectorFailure(.rejected, code: code, message: message)
        }
        let resource = settings.resource(of: row.kind)
        let list = settings.list(of: row.kind)?.list
        guard let body = resource?.body ?? list?.body, let required = resource?.required ?? list?.required else {
            return self.unknown(row)
        }
        if resource != nil, ElementReading.usable(.string(row.key)) != row.key || row.key == "." || row.key == ".." {
            return refusal(
                .unusableKey,
                "the key of \(row.kind) rows can't stand in an address: the mapping must give 1 to 200 visible characters")
        }
        let own = resource?.keyField ?? list?.object
        for field in row.fields.keys.sorted() where !body.fields.contains(field) && field != own {
            return refusal(
                .unknownField, "the field \(field) of \(row.kind) rows has no place in the body: name it in resources")
        }
        for field in required + (list.map { [$0.object] } ?? []) where (row.fields[field] ?? "").isEmpty {
            return refusal(.requiredFieldMissing, "the \(row.kind) has no \(field), without which the system does not take it")
        }
        do throws(BodyTemplate.Misfit) {
            _ = try body.plain(row.fields)
            return nil
        } catch {
            return refusal(.wrongForm, "the field \(error.field) of \(row.kind) rows is no \(error.form.rawValue)")
        }
    }
}
