import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

/// A Unikum stand-in as the contract for targets sees it.
struct UnikumHarness: TargetHarness {
    let folder: UnikumFolder
    let standIn: UnikumStandIn
    let files = FaultyFileSystem()
    let isLatin1: Bool

    static func with(latin1: Bool, _ body: (UnikumHarness) async throws -> Void) async throws {
        try await UnikumFolder.with { folder in
            var format = UnikumFormat()
            format.encoding = latin1 ? .latin1 : .utf8
            // The contract's relations are from a class to itself.
            format.relationKinds = [UnikumFormat.RelationKind(name: "student_in_class", from: ["class"], to: ["class"])]
            let standIn = UnikumStandIn(
                dropFolder: folder.path, archiveFolder: folder.path + "-archive", format: format, interval: .milliseconds(2))
            try await withUnikumStandIn(standIn) {
                try await body(UnikumHarness(folder: folder, standIn: $0, isLatin1: latin1))
            }
        }
    }

    static let shown: Set<TargetFault> = [.away, .full, .notWorkingOff, .breaksOff]
    var faults: Set<TargetFault> { Self.shown }

    func connector() async throws -> any TargetConnector {
        try self.folder.connector(files: self.files) { settings in
            guard self.isLatin1 else { return }
            settings.set("objects", "encoding", "iso-8859-1")
            settings.set("relations", "encoding", "iso-8859-1")
        }
    }

    func held() async throws -> Set<TargetRow> {
        // It takes files as they come; a file that is waited for has come when the folder is empty.
        while try await !self.standIn.isIdle { await Task.yield() }
        await #expect(self.standIn.rejections.isEmpty)
        return Set(await self.standIn.rows().map { TargetRow(kind: $0.kind, key: $0.key, fields: $0.fields) })
    }

    func misbehave(_ fault: TargetFault?) async throws {
        switch fault {
        case .away: try await self.standIn.goDown()
        case .full: self.files.setFull(true)
        case .notWorkingOff: await self.standIn.stopCollecting()
        // The first of the files appears, the second doesn't.
        case .breaksOff: self.files.fail("rename", from: 2, errno: 5)
        case .failing, .slow, .tooManyRequests, .expiredCredentials, .tokenDiesMidRun, .lostReplies, .unknownFields,
            .truncatedPage, .wrongSchema, .wrongEncoding, .duplicateRows, .clockSkew:
            Issue.record("a folder has no such fault")
        case nil:
            self.files.heal()
            try await self.standIn.comeBack()
            self.files.setFull(false)
            await self.standIn.resumeCollecting()
        }
    }

    func object(_ number: Int, version: Int) -> TargetRow {
        TargetRow(
            kind: "class", key: "klass-\(number)",
            fields: ["externalId": "klass-\(number)", "name": "Gårdsklass \(number) läsår \(version)"])
    }

    func relation(_ number: Int) -> TargetRow {
        TargetRow(
            kind: "student_in_class", key: "klass-\(number)|klass-\(number)",
            fields: ["from": "klass-\(number)", "to": "klass-\(number)"])
    }

    var unwritable: TargetRow? {
        self.isLatin1
            ? TargetRow(kind: "class", key: "klass-9", fields: ["externalId": "klass-9", "name": "Łódźklassen"])
            : TargetRow(kind: "class", key: "klass-9", fields: ["externalId": "klass-9", "unheardOf": "Something"])
    }

    func needlessWrites() async throws -> Int? { await self.standIn.needlessRows.count }
}
