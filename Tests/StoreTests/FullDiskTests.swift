import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("When there is no room")
struct FullDiskTests {
    @Test func `a store at its largest size is told as a full disk, and goes on when it may grow`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            let path = fixture.directory + "/small.sqlite"
            let database = try SQLiteDatabase.open(path: path)
            let store = try await SQLStore.open(database: database, key: subject.key)
            let pages = try await database.read { try $0.query("PRAGMA page_count", []).first?.integer(0) ?? 0 }
            try await database.write { _ = try $0.query("PRAGMA max_page_count = \(pages + 12)", []) }
            var taken = 0
            let error = await #expect(throws: StoreError.self) {
                for number in 0..<500 {
                    let states = (0..<5).map { subject.state("p\(number)-\($0)", String(repeating: "x", count: 500)) }
                    _ = try await store.take(states, withheld: [], failures: [], source: "edlevo", time: StoreUnderTest.time)
                    taken += 5
                }
            }
            #expect(error?.code == .diskFull && error?.message.contains(path) == true)
            #expect(try await store.liveCounts()[.person] ?? 0 == taken)
            #expect(try await store.backlog() == taken)
            try await database.write { _ = try $0.query("PRAGMA max_page_count = 1000000", []) }
            let result = try await store.take(
                [subject.state("z", "x")], withheld: [], failures: [], source: "edlevo", time: StoreUnderTest.time)
            #expect(result.created == 1)
        }
    }

    @Test func `a full disk is told as such, leaves nothing half, and the store goes on when there is room`() async throws {
        try await Self.withSmallDisk { disk in
            let path = disk + "/store.sqlite"
            let database = try SQLiteDatabase.open(path: path)
            let store = try await SQLStore.open(database: database, key: StoreFixture.key)
            let subject = StoreUnderTest(store: store, key: StoreFixture.key, another: { try await StoreFixture.open(path) })
            try await subject.take([subject.state("before", "x")])
            let ballast = disk + "/ballast"
            _ = FileManager.default.createFile(atPath: ballast, contents: nil)
            let handle = FileHandle(forWritingAtPath: ballast)
            while (try? handle?.write(contentsOf: Data(count: 4096))) != nil {}
            try handle?.close()
            var taken = 1
            let error = await #expect(throws: StoreError.self) {
                for number in 0..<2000 {
                    try await subject.take((0..<5).map { subject.state("p\(number)-\($0)", String(repeating: "x", count: 500)) })
                    taken += 5
                }
            }
            #expect(error?.code == .diskFull && error?.message.contains(path) == true)
            await #expect(throws: StoreError.self) {
                try await subject.store.stage((0..<500).map { subject.state("s\($0)", "x") }, run: "edlevo")
            }
            try await #expect(subject.store.liveCounts() == [.person: taken])
            try await #expect(subject.store.backlog() == taken)
            try await #expect(subject.store.staged(run: "edlevo", after: nil, limit: 9).isEmpty)
            try FileManager.default.removeItem(atPath: ballast)
            try await #expect(subject.take((0..<50).map { subject.state("after\($0)", "x") }).created == 50)
            #expect(try await database.integrityCheck().isEmpty)
        }
    }

    /// A disk that can be filled: a RAM disk where mounting is allowed, otherwise the test tells that it wasn't.
    private static func withSmallDisk(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/knutpunkt-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard try Self.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path) == 0 else {
            Issue.record(
                "A small disk can't be mounted here; run the tests as root in a sandbox that allows it.", severity: .warning)
            return
        }
        do {
            try await body(path)
            _ = try Self.run("umount", "--lazy", path)
        } catch {
            _ = try Self.run("umount", "--lazy", path)
            throw error
        }
    }

    private static func run(_ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
