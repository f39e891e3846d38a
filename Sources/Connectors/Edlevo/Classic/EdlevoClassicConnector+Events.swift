public import ConnectorKit
import Foundation
public import SchoolRecords

/// What has services of its own and is asked for anew each time: merges of persons, absence and presence, lessons.
extension EdlevoClassicConnector {
    /// The records of such an entity; `nil` for those that are made of the organisation.
    func events(_ entity: Entity, _ scope: ReadScope) async throws -> (records: [SourceRecord], broken: [BrokenRecord])? {
        switch entity {
        case .identityChange: try await self.merges(scope)
        case .attendance: try await self.attendances()
        case .calendarEvent: try await self.lessons()
        default: nil
        }
    }

    // MARK: Aliases

    /// The person whom somebody goes by at school, where Edlevo has an alias for them (Person API v6, 4.4).
    ///
    /// - Returns: `nil` when there is no active alias.
    /// - Throws: ``ConnectorFailure``.
    public func alias(of person: RecordKey) async throws -> SourceRecord? {
        let service = ClassicService(.person, "GetAliasPersonInfo")
        do {
            let root = try await self.tree(service, [("PersonId", ClassicBody.id(person.id))])
            guard let found = root["person"], let id = found["sourcedid"]?.value("id").map(RecordKey.normalID), id != person.id
            else {
                return nil
            }
            var document = IMSObject(found).json
            document["id"] = .string(id)
            document["securityMarking"] = ClassicRecords.marking([document["extension"]?["privacy"]])
            return SourceRecord(key: RecordKey(.person, id), document: document)
        } catch let failure as ConnectorFailure where failure.word == .serviceNotFound {
            // The service says so of a person without an alias; who isn't there at all is asked about by others.
            return nil
        }
    }

    // MARK: Merges

    /// Persons that were made one, as far back as Edlevo tells.
    private func merges(_ scope: ReadScope) async throws -> (records: [SourceRecord], broken: [BrokenRecord]) {
        let now = self.clock.now()
        var since = WallClock(now) - (ClassicWindows.oldest - 3600)
        if case .modifiedAfter(let instant) = scope { since = max(since, WallClock(instant)) }
        guard let windows = ClassicWindows(since: since, now: WallClock(now)) else { return ([], []) }
        var records: [String: SourceRecord] = [:]
        var broken: [BrokenRecord] = []
        let service = ClassicService(.person, "GetPersonInfoDelta")
        for window in windows.windows {
            let root = try await self.tree(service, window.parameters)
            let made = root["properties"]?.value("datetime").flatMap { WallClock($0) } ?? window.end
            for person in root.all("person") where person.attributes["recstatus"] == "4" {
                // The ids count; numbers alone would have to be looked up, and stand in no header.
                guard let remaining = Self.guid(person.all("sourcedid").compactMap { $0["id"] } + Self.guids(person, "userid")),
                    let vanished = Self.guid(Self.guids(person, "mergeduser"))
                else {
                    broken.append(
                        BrokenRecord(
                            key: nil,
                            failure: ConnectorFailure(
                                .malformedReply, code: .mergeWithoutIDs,
                                message: "\(service.words) tells a merge without the GUIDs of both persons")))
                    continue
                }
                let id = RowID.uuid(system: self.system, entity: .identityChange, parts: [remaining, vanished])
                records[id] = SourceRecord(
                    key: RecordKey(.identityChange, id),
                    document: [
                        "id": .string(id), "type": "merge", "person": ["id": .string(remaining)],
                        "formerPerson": ["id": .string(vanished)], "date": .string(String(window.end.text.prefix(10))),
                        "meta": ["modified": .string(Instant.text(min(made, window.end).date))],
                    ])
            }
        }
        return (records.values.sorted { $0.key < $1.key }, broken)
    }

    private static func guids(_ person: XMLTree, _ name: String) -> [XMLTree] {
        person.all(name).filter { $0.attributes["useridtype"] == "GUID" }
    }

    private static func guid(_ trees: [XMLTree]) -> String? {
        trees.lazy.compactMap { $0.value() }.compactMap { ElementReading.usable(.string($0)) }.first { $0.utf8.count == 36 }
    }

    func tree(_ service: ClassicService, _ parameters: ClassicClient.Parameters) async throws -> XMLTree {
        try await self.client.read(service, parameters) { data throws(XMLProblem) in
            try XMLDocument.tree(data, root: service.api.root, nameSpace: service.api.nameSpace)
        }
    }
}
