import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Synchronization
import Testing

@Suite("Unikum's files appear whole")
struct UnikumFilesTests {
    private static func batch(_ id: String, rows: Int = 3) -> TargetBatch {
        let writes = (0..<rows).map { number in
            TargetWrite(
                record: RecordKey(.group, "g\(number)"), sequence: 1,
                set: [
                    TargetRow(kind: "class", key: "k\(number)", fields: ["externalId": "k\(number)", "name": "Klass \(number)"]),
                    TargetRow(kind: "class_in_school", key: "k\(number)|s", fields: ["from": "k\(number)", "to": "s"]),
                ], removed: [])
        }
        return TargetBatch(id: id, writes: writes)
    }

    private static let objects = "knutpunkt-000001-a-1-objects.txt"
    private static let relations = "knutpunkt-000001-a-2-relations.txt"

    @Test func `both are on the disk under temporary names before the first appears, and the folder is synchronised between`()
        async throws
    {
        try await UnikumFolder.with { folder in
            let files = FaultyFileSystem()
            _ = try await folder.connector(files: files).write(Self.batch("000001-a"))
            #expect(
                files.calls == [
                    "write .\(Self.objects).part", "write .\(Self.relations).part", "rename \(Self.objects)", "synchronise drop",
                    "rename \(Self.relations)", "synchronise drop",
                ])
        }
    }

    @Test func `a batch written again gives the same names and bytes`() async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector()
            _ = try await connector.write(Self.batch("000001-a", rows: 50))
            let before = try [folder.bytes(Self.objects), folder.bytes(Self.relations)]
            _ = try await connector.write(Self.batch("000001-a", rows: 50))
            #expect(try [folder.bytes(Self.objects), folder.bytes(Self.relations)] == before)
            #expect(try folder.names == [Self.objects, Self.relations])
        }
    }

    @Test func `a crash between objects and relations leaves whole objects, and the next start writes the rest`() async throws {
        try await UnikumFolder.with { folder in
            let files = FaultyFileSystem()
            let connector = try folder.connector(files: files)
            // The process ends here: nothing after the first rename happens, not even tidying up.
            files.fail("synchronise", errno: EIO)
            let stopped = Task { try await connector.write(Self.batch("000001-a")) }
            _ = await stopped.result
            #expect(try folder.names.contains(Self.objects))
            #expect(try !folder.names.contains(Self.relations))
            try Data("half of a re".utf8).write(to: URL(fileURLWithPath: folder.path + "/.\(Self.relations).part"))

            _ = try await folder.connector().write(Self.batch("000001-a"))
            #expect(try folder.names == [Self.objects, Self.relations])
            #expect(try folder.text(Self.relations).split(separator: "\n").count == 3)
        }
    }

    @Test func `left-over temporary files of ours go, those of others and files of others stay`() async throws {
        try await UnikumFolder.with { folder in
            let others = [".knutpunkt-other.part", ".something", "result-log.txt", "knutpunkt-a b-1-objects.txt"]
            for name in others + [".knutpunkt-000000-z-1-objects.txt.part"] {
                try Data().write(to: URL(fileURLWithPath: folder.path + "/" + name))
            }
            _ = try await folder.connector().write(Self.batch("000001-a"))
            #expect(try folder.names == (others + [Self.objects, Self.relations]).sorted())
        }
    }

    @Test(arguments: [1, 2])
    func `a full disk shows before anything appears, and leaves nothing behind`(failingWrite: Int) async throws {
        try await UnikumFolder.with { folder in
            let files = FaultyFileSystem()
            files.fail("write", from: failingWrite, errno: ENOSPC)
            let connector = try folder.connector(files: files)
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await connector.write(Self.batch("000001-a")) }
            #expect(failure?.kind == .systemUnavailable)
            #expect(failure?.code == "disk-full")
            #expect(failure?.message.contains(folder.path) == true)
            #expect(try folder.names.isEmpty)
            files.heal()
            _ = try await connector.write(Self.batch("000001-a"))
            #expect(try folder.names == [Self.objects, Self.relations])
        }
    }

    @Test func `a folder that is missing is never made`() async throws {
        try await UnikumFolder.with { folder in
            try FileManager.default.removeItem(atPath: folder.path)
            let connector = try folder.connector()
            for call in [{ _ = try await connector.write(Self.batch("000001-a")) }, { try await connector.probe() }]
                as [() async throws -> Void]
            {
                let failure = await #expect(throws: ConnectorFailure.self) { try await call() }
                #expect(failure?.kind == .systemUnavailable)
                #expect(failure?.code == "drop-folder-missing")
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }

    @Test(arguments: [EACCES, EROFS, EPERM])
    func `a folder that can't be written to is told with the remedy`(errno: Int32) async throws {
        try await UnikumFolder.with { folder in
            let files = FaultyFileSystem()
            files.fail("write", errno: errno)
            let connector = try folder.connector(files: files)
            for call in [{ _ = try await connector.write(Self.batch("000001-a")) }, { try await connector.probe() }]
                as [() async throws -> Void]
            {
                let failure = await #expect(throws: ConnectorFailure.self) { try await call() }
                #expect(failure?.code == "drop-folder-not-writable")
                #expect(failure?.message.contains("right") == true)
            }
            #expect(try folder.names.isEmpty)
        }
    }

    @Test func `a file in the folder's place is no folder`() async throws {
        try await UnikumFolder.with { folder in
            try FileManager.default.removeItem(atPath: folder.path)
            try Data().write(to: URL(fileURLWithPath: folder.path))
            let connector = try folder.connector()
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.code == "drop-folder-missing")
        }
    }

    @Test func `no more than the set number of batches waits, and a batch may be written again meanwhile`() async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector { $0["max_waiting_batches"] = 2 }
            for id in ["000001-a", "000002-b"] { _ = try await connector.write(Self.batch(id)) }
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await connector.write(Self.batch("000003-c")) }
            #expect(failure?.kind == .systemUnavailable)
            #expect(failure?.code == "not-collected")
            await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            _ = try await connector.write(Self.batch("000002-b"))
            #expect(try folder.names.count == 4)
            for name in try folder.names.prefix(2) { try FileManager.default.removeItem(atPath: folder.path + "/" + name) }
            _ = try await connector.write(Self.batch("000003-c"))
        }
    }

    @Test func `a probe leaves nothing behind`() async throws {
        try await UnikumFolder.with { folder in
            try await folder.connector().probe()
            #expect(try folder.names.isEmpty)
        }
    }

    @Test func `a ready file comes last and is empty`() async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector { $0["ready_file"] = ["file_name": "knutpunkt-{batch}-3-ready"] }
            _ = try await connector.write(Self.batch("000001-a"))
            #expect(try folder.names == [Self.objects, Self.relations, "knutpunkt-000001-a-3-ready"])
            #expect(try folder.bytes("knutpunkt-000001-a-3-ready").isEmpty)
        }
    }

    @Test(arguments: ["", "../x", "a/b", "a b", "å"])
    func `a batch id that can't stand in a file name is refused`(id: String) async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector()
            await #expect(throws: ConnectorFailure.self) { _ = try await connector.write(Self.batch(id)) }
            #expect(try folder.names.isEmpty)
        }
    }

    @Test func `whoever watches the folder sees whole files only, and relations never before their objects`() async throws {
        try await UnikumFolder.with { folder in
            let connector = try folder.connector { $0["max_waiting_batches"] = 1000 }
            let isDone = Mutex(false)
            let path = folder.path
            let findings = Mutex<[String]>([])
            let looks = Mutex(0)
            let watcher = Thread {
                while !isDone.withLock({ $0 }) {
                    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                    for name in names where !name.hasPrefix(".") {
                        let lines = (FileManager.default.contents(atPath: path + "/" + name) ?? Data())
                            .split(separator: 0x0A, omittingEmptySubsequences: false)
                        if lines.count != 401 || lines.last?.isEmpty != true { findings.withLock { $0.append("half: \(name)") } }
                        let objects = name.replacingOccurrences(of: "2-relations", with: "1-objects")
                        if !FileManager.default.fileExists(atPath: path + "/" + objects) {
                            findings.withLock { $0.append("early: \(name)") }
                        }
                    }
                    looks.withLock { $0 += 1 }
                }
            }
            watcher.start()
            for number in 1...60 { _ = try await connector.write(Self.batch("\(100_000 + number)-a", rows: 400)) }
            isDone.withLock { $0 = true }
            #expect(findings.withLock { $0 }.isEmpty)
            #expect(looks.withLock { $0 } > 0)
        }
    }
}
