import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("Several processes on one store")
struct SharingTests {
    @Test func `all may open a store that isn't there yet at once`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/store.sqlite"
        let subject = StoreUnderTest(
            store: try await withThrowingTaskGroup(of: (any HubStore).self) { group in
                for _ in 0..<8 { group.addTask { try await StoreFixture.open(path) } }
                var last: (any HubStore)?
                for try await store in group { last = store }
                return try #require(last)
            }, key: StoreFixture.key, another: { try await StoreFixture.open(path) })
        try await subject.take([subject.state("a", "A")])
        try await #expect(subject.another().backlog() == 1)
    }

    @Test func `what several take at once is all there, each change with a sequence of its own`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await withThrowingTaskGroup { group in
                for taker in 0..<4 {
                    group.addTask {
                        let store = try await subject.another()
                        for number in 0..<25 {
                            _ = try await store.take(
                                [subject.state("shared", "\(taker) \(number)"), subject.state("p\(taker)-\(number)", "x")],
                                withheld: [], failures: [], source: "edlevo", time: StoreUnderTest.time)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let shared = try await subject.store.records([subject.person("shared")])[subject.person("shared")]
            #expect(shared?.sequence == 100)
            try await #expect(subject.store.liveCounts() == [.person: 101])
            try await #expect(subject.store.next(limit: 1000).count == 101)
        }
    }

    @Test func `readers go on while somebody writes, and see the state before`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            try await subject.take([subject.state("a", "A")])
            let database = try SQLiteDatabase.open(path: fixture.path)
            let (writing, began) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            async let written: Void = database.write { connection in
                try connection.execute("DELETE FROM record", [])
                began.yield()
                release.wait()
            }
            for await _ in writing { break }
            try await #expect(subject.store.liveCounts() == [.person: 1])
            release.signal()
            try await written
            try await #expect(subject.store.liveCounts().isEmpty)
        }
    }

    @Test func `who must wait too long for another's writing is told so, and can go on after it`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            let database = try SQLiteDatabase.open(path: fixture.path)
            let impatient = try await SQLStore.open(
                database: SQLiteDatabase.open(path: fixture.path, patience: 0.05), key: subject.key)
            let (writing, began) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            async let written: Void = database.write { connection in
                try connection.execute("DELETE FROM record", [])
                began.yield()
                release.wait()
            }
            for await _ in writing { break }
            let error = await #expect(throws: StoreError.self) {
                try await impatient.setMark(StoreUnderTest.time, source: "edlevo", entity: "person")
            }
            #expect(error?.code == .locked && error?.message.contains(fixture.path) == true)
            release.signal()
            try await written
            try await impatient.setMark(StoreUnderTest.time, source: "edlevo", entity: "person")
        }
    }
}
