import ConnectorKit
import ConnectorTesting
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

/// Files of notices from the population register, with the settings that the project ships, as the contract for sources sees them.
final class NavetHarness: SourceHarness {
    private let folder: InboxFolder
    private let standIn: NavetStandIn

    static let shown: Set<SourceFault> = [.down, .duplicateRows, .wrongEncoding, .clockSkew, .truncatedPage, .foreignPage]
    var faults: Set<SourceFault> { Self.shown }
    var brokenEntity: Entity { .registration }
    var brokenElementsWithoutKey: Int { 0 }
    var secrets: [String] { ["TF04", "Öberg"] }

    private init(_ folder: InboxFolder) {
        self.folder = folder
        self.standIn = NavetStandIn(folder: folder.path)
    }

    static func with(_ body: (NavetHarness) async throws -> Void) async throws {
        try await InboxFolder.with { folder in
            let harness = NavetHarness(folder)
            for number in 1...9 {
                var post = NavetPost("1980010\(number)TF04", givenName: "Prov Åsa", familyName: "Öberg")
                post.callNames = "20"
                if number % 3 == 0 {
                    post.relations = [.init("20130101TF0\(number)", "VF"), .init("20140101TF0\(number)", "VF")]
                }
                await harness.standIn.put(post)
            }
            try await harness.standIn.notify()
            try await body(harness)
        }
    }

    func connector() async throws -> any SourceConnector { try self.folder.connector(of: "navet") }

    /// Number → id: the first notice about somebody names all that come after.
    private func ids() async throws -> [String: String] {
        try await self.connector().probe()
        let names = try FileManager.default.contentsOfDirectory(atPath: self.folder.path + "/done").sorted()
        var ids: [String: String] = [:]
        for name in names where !name.hasSuffix(".report.txt") {
            for (place, post) in (await self.standIn.notices(in: String(name.dropFirst(20))) ?? []).enumerated()
            where ids[post.number] == nil {
                ids[post.number] = RowID.uuid(system: "navet", entity: .registration, parts: ["\(name)|\(place)"])
            }
        }
        return ids
    }

    func held(_ entity: Entity) async throws -> [String: JSONValue] {
        let (ids, connector) = (try await self.ids(), try await self.connector())
        var held: [String: JSONValue] = [:]
        for (number, post) in await self.standIn.posts {
            // Times are those of taking in, which only the connector knows.
            guard let id = ids[number], let meta = try await connector.read(RecordKey(entity, id))?.document["meta"] else {
                continue
            }
            var document: JSONValue = [
                "id": .string(id), "meta": meta, "number": .string(number), "call_names": .string(post.callNames),
                "given_name": .string(post.givenName), "family_name": .string(post.familyName),
            ]
            if !post.relations.isEmpty {
                document["rows"] = .array(post.relations.map { ["number": .string($0.number), "kind": .string($0.kind)] })
            }
            held[id] = document
        }
        return held
    }

    func change(_ key: RecordKey) async throws {
        self.folder.clock.advance(by: .seconds(60))
        let number = try #require(try await self.ids().first { $0.value == key.id }?.key)
        await self.standIn.change(number) { $0.familyName = "Öhman" }
        try await self.standIn.notify(of: [number])
    }

    /// Nobody is ever said to be gone.
    func delete(_ key: RecordKey) async throws {}

    func misbehave(_ fault: SourceFault?) async throws {
        try self.folder.begin(fault)
        switch fault {
        case .down: break
        case .duplicateRows: try await self.standIn.notify(fault: .rowsTwice)
        case .wrongEncoding: try self.folder.drop("navet-0.txt", "#UP 01001 19800101TF04\n#UP 01014 Öberg\n")
        case .truncatedPage: try await self.standIn.notify(fault: .halfAFile)
        case .foreignPage: try self.folder.drop("navet-0.txt", "<!DOCTYPE html>\n<html><body>Logga in</body></html>\n")
        default: try await self.standIn.notify()
        }
    }
}
