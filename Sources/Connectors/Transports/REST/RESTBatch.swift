import ConnectorKit
import Mapping
import SchoolRecords

/// A batch as calls, and what came of them. Pure: it sends nothing.
struct RESTBatch {
    struct Call: OwnedCall {
        let resource: RESTResource
        let key: String
        /// `nil` deletes.
        let body: JSONValue?
        /// The records that give the row.
        let owners: [RecordKey]
        /// Theirs where they share one, or else the batch's.
        let trace: TraceContext?
    }

    private let calls: [Call]
    var outcome = BatchOutcome<Call>()

    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    init(_ batch: TargetBatch, settings: RESTTargetSettings) {
        for write in batch.writes {
            for row in write.set + write.removed.filter({ settings.resource(of: $0.kind)?.isDeletable ?? false }) {
                do throws(ConnectorFailure) {
                    _ = try Self.body(row, settings)
                } catch {
                    self.outcome.refuse(write.record, error)
                }
            }
        }
        let refused = self.outcome.refused
        let writes = batch.writes.filter { refused[$0.record] == nil }
        var owners: [Identity: [RecordKey]] = [:]
        for write in writes {
            for row in write.set + write.removed {
                let identity = Identity(kind: row.kind, key: row.key)
                if owners[identity]?.last != write.record { owners[identity, default: []].append(write.record) }
            }
        }
        let trace = batch.traceOfRecords
        let deletable = Set(settings.resources.filter(\.isDeletable).map(\.kind))
        let rows = ResolvedRows(writes, relationTypes: deletable)
        func calls(_ resource: RESTResource, _ rows: [TargetRow], deletes: Bool) -> [Call] {
            rows.filter { $0.kind == resource.kind }.compactMap { row in
                guard let body = try? Self.body(row, settings) else { return nil }
                let givers = owners[Identity(kind: row.kind, key: row.key)] ?? []
                return Call(
                    resource: resource, key: row.key, body: deletes ? Optional.none : .some(body), owners: givers,
                    trace: trace(givers))
            }
        }
        self.calls =
            settings.resources.reversed().flatMap { calls($0, rows.removed, deletes: true) }
            + settings.resources.flatMap { calls($0, rows.objects + rows.added, deletes: false) }
    }

    /// The calls in the order in which they are made; those of one round are of one resource and may go side by side.
    var rounds: [[Call]] {
        self.calls.reduce(into: []) { rounds, call in
            if let last = rounds.last?.last, last.resource.kind == call.resource.kind, (last.body == nil) == (call.body == nil) {
                rounds[rounds.count - 1].append(call)
            } else {
                rounds.append([call])
            }
        }
    }

    // MARK: Bodies

    /// - Throws: ``ConnectorFailure`` (`rejected`) for a row that can't be expressed.
    private static func body(_ row: TargetRow, _ settings: RESTTargetSettings) throws(ConnectorFailure) -> JSONValue {
        func refusal(_ code: ConnectorFailure.Code, _ message: String) -> ConnectorFailure {
            ConnectorFailure(.rejected, code: code, message: message)
        }
        guard let resource = settings.resource(of: row.kind) else {
            throw refusal(.unknownRowKind, "rows of kind \(row.kind) have no place in the system: name it in resources")
        }
        guard ElementReading.usable(.string(row.key)) == row.key, row.key != ".", row.key != ".." else {
            throw refusal(
                .unusableKey,
                "the key of \(row.kind) rows can't stand in an address: the mapping must give 1 to 200 visible characters")
        }
        for field in row.fields.keys.sorted() where !resource.body.fields.contains(field) {
            throw refusal(
                .unknownField, "the field \(field) of \(row.kind) rows has no place in the body: name it in resources")
        }
        for field in resource.required where (row.fields[field] ?? "").isEmpty {
            throw refusal(.requiredFieldMissing, "the \(row.kind) has no \(field), without which the system does not take it")
        }
        do throws(BodyTemplate.Misfit) {
            var body = try resource.body.filled(row.fields)
            if body[resource.keyMember] == nil { body[resource.keyMember] = .string(row.key) }
            return body
        } catch {
            throw refusal(.wrongForm, "the field \(error.field) of \(row.kind) rows is no \(error.form.rawValue)")
        }
    }
}
