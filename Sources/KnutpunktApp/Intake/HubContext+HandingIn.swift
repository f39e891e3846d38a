import ConnectorKit
import Connectors
import Foundation
public import Hub
import Mapping
import SchoolRecords

/// Records that somebody hands in for a source.
extension HubContext {
    /// Takes what somebody hands in, by the way of what is read from the source, or tells what would become of it.
    ///
    /// - Throws: ``UploadRefusal`` when nothing of it is looked at, and what the store says.
    public func handIn(_ what: HandedIn, clock: HubClock = .system) async throws -> UploadReport {
        guard let side = self.mappings.set.systems[what.source]?.source else {
            throw UploadRefusal(
                .unknownSource, sv: "Det finns ingen källa \(Self.shown(what.source)).",
                en: "There is no source \(Self.shown(what.source)).")
        }
        let known = self.mappings.set.inboundEntities(system: what.source)
        guard let entity = Entity(rawValue: what.entity), known.contains(entity) else {
            let names = known.map(\.rawValue).joined(separator: ", ")
            throw UploadRefusal(
                .unknownEntity, sv: "Källan \(what.source) ger: \(names).", en: "The source \(what.source) gives: \(names).")
        }
        let rows = what.isCSV ? try self.rows(of: what, entity, side) : try Self.rows(of: what.data, entity)
        let upload = Upload(
            system: what.source, entity: entity, isComplete: what.isComplete, units: what.units, by: what.person,
            store: self.store, key: self.key, mappings: self.mappings, lock: self.sourceLock(clock: clock), clock: clock,
            logger: self.logger)
        return try await upload.run(rows, isDryRun: what.isDryRun)
    }

    /// A name that somebody made up is cut.
    private static func shown(_ name: String) -> String { String(name.prefix(60)) }

    private func rows(
        of what: HandedIn, _ entity: Entity, _ side: SystemDescription.Side
    ) throws -> [UploadedRow] {
        let text: HandedInText?
        do {
            text = try HandedInText(what.data, of: entity, system: what.source, settings: side.settings)
        } catch let problem as HandedInText.Problem {
            throw UploadRefusal(.unreadable, sv: problem.message.sv, en: problem.message.en)
        } catch let error as SettingsError {
            throw AppError(.configuration, "\(error)", cause: error)
        }
        guard let text else {
            throw UploadRefusal(
                .noColumns, sv: "Källans system.yaml beskriver ingen CSV för \(entity.rawValue): lämna in JSON.",
                en: "The source's system.yaml describes no CSV of \(entity.rawValue): hand in JSON.")
        }
        return text.rows.enumerated().map { place, row in
            let content: UploadedRow.Content =
                switch row.content {
                case .record(let record): .record(record)
                case .deletion(let key): .deletion(key)
                case .unusable(let problem):
                    .unusable(
                        UploadProblem(problem.code, column: problem.column, sv: problem.message.sv, en: problem.message.en))
                }
            return UploadedRow(number: place + 1, line: row.line, content)
        }
    }

    private static func rows(of data: Data, _ entity: Entity) throws -> [UploadedRow] {
        guard let elements = (try? JSONValue(parsing: data))?.arrayValue else {
            throw UploadRefusal(
                .unreadable, sv: "Det är ingen JSON-lista med poster.", en: "It is no JSON list of records.")
        }
        return elements.enumerated().map { place, element in
            UploadedRow(number: place + 1, line: nil, Self.content(element, entity))
        }
    }

    private static func content(_ element: JSONValue, _ entity: Entity) -> UploadedRow.Content {
        guard element.objectValue != nil else {
            return .unusable(UploadProblem("no-object", sv: "Raden är inget objekt.", en: "The row is no object."))
        }
        let id = element["id"].flatMap { $0.stringValue ?? $0.integerValue.map(String.init) } ?? ""
        guard (1...200).contains(id.utf8.count), id.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            return .unusable(
                UploadProblem(
                    ConnectorFailure.Code.recordWithoutID.rawValue, column: "id", sv: "id ska vara 1 till 200 synliga tecken.",
                    en: "id must be 1 to 200 visible characters."))
        }
        return .record(SourceRecord(key: RecordKey(entity, RecordKey.normalID(id)), document: element))
    }
}
