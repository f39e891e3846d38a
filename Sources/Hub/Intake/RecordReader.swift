import ConnectorKit
import Foundation
import Mapping
import SchoolRecords

/// Makes a record of what a source gave: mapping, typed check, and the question whether a protected person is in it.
/// Holds no state but what it is given; a value per reading.
struct RecordReader {
    let source: String
    let mappings: MappingSet
    let today: CalendarDate
    let key: HubKey

    /// What a source says of a person's protection.
    enum Protection {
        case protected
        /// `Ingen`, in so many words.
        case none
        /// Nothing: who is in the vault stays there. A column that is lost must not unmask anybody.
        case unsaid
    }

    enum Reading {
        /// The mapping's `when` leaves it out.
        case excluded
        case record(key: RecordKey, body: JSONValue, protection: Protection)
        case failed(NewFailure)

        /// The same, or nothing for what isn't kept.
        func kept(by completion: any RecordCompletion) -> Reading {
            guard case .record(_, let body, _) = self, !completion.keeps(body) else { return self }
            return .excluded
        }
    }

    /// The same readings, but for those that can't be used since whom they are about isn't known.
    ///
    /// - Parameter records: what the readings were made of.
    func usable(
        _ readings: [Reading], of records: [SourceRecord], _ completion: any RecordCompletion
    ) -> [Reading] {
        zip(readings, records).map { reading, record in
            guard case .record(_, let body, _) = reading, let problem = completion.problem(in: body) else { return reading }
            return .failed(
                self.failure(
                    record, kind: "broken-record", code: problem.code.rawValue, field: problem.field, place: nil,
                    message: problem.message))
        }
    }

    /// - Parameter record: under the register's key, see ``SystemNames``.
    func read(_ record: SourceRecord) -> Reading {
        do {
            let mapped: JSONValue?
            if let mapping = self.mappings.inbound(system: self.source, entity: record.key.entity) {
                mapped = try mapping.apply(record.document, today: self.today)
            } else {
                mapped = nil
            }
            guard let mapped else { return .excluded }
            var body = try SchoolRecord.validate(record.key.entity, mapped)
            if let completion = record.key.entity.completion {
                guard let completed = try completion.completed(body) else { return .excluded }
                body = completed
            }
            let protection = record.key.entity == .person ? Self.protection(record.document, body) : .unsaid
            // The id in its normal form, as every reference to it has it.
            let names = SystemNames(system: self.source)
            let key = body["id"]?.stringValue.map { names.registered(RecordKey(record.key.entity, $0)) } ?? record.key
            return .record(key: key, body: names.registered(body, key), protection: protection)
        } catch let failure as MappingFailure {
            return .failed(
                self.failure(
                    record, kind: "mapping", code: failure.code, field: failure.field,
                    place: "\(failure.file):\(failure.line)", message: failure.message))
        } catch let error as RecordError {
            return .failed(
                self.failure(
                    record, kind: "broken-record", code: NewFailure.Code.invalidField.rawValue, field: error.field, place: nil,
                    message: "\(error)"))
        } catch {
            return .failed(
                self.failure(
                    record, kind: "broken-record", code: NewFailure.Code.unreadable.rawValue, field: nil, place: nil,
                    message: "The \(record.key.entity.rawValue) can't be read."))
        }
    }

    /// The source's own word counts as well as the mapped one: a mapping that forgets the mark must not unmask anybody.
    private static func protection(_ document: JSONValue, _ body: JSONValue) -> Protection {
        let markings = [document["securityMarking"], body["securityMarking"]]
        if markings.contains(where: { SecurityMarking(json: $0).isProtected }) { return .protected }
        return markings.contains { $0?.isNull == false } ? .none : .unsaid
    }

    private func failure(
        _ record: SourceRecord, kind: String, code: String, field: String?, place: String?, message: String
    ) -> NewFailure {
        // Who may be protected is known only by the opaque id, also when the record can't be used.
        let marked = record.key.entity == .person && SecurityMarking(json: record.document["securityMarking"]).isProtected
        return NewFailure(
            stage: .intake, system: self.source, key: marked ? self.key.opaqueKey(for: record.key) : record.key, sequence: nil,
            kind: kind, code: code, field: field, place: place, message: message, body: nil)
    }
}
