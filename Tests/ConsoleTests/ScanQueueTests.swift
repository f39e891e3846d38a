import Testing

@testable import Console

@Suite("One walk over the register at a time")
struct ScanQueueTests {
    @Test func `the next begins when the one before has ended, also by an error`() async throws {
        let queue = ScanQueue()
        let watch = Watch()
        struct Broken: Error {}
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    do {
                        try await queue.run {
                            await watch.begin()
                            for _ in 0..<20 { await Task.yield() }
                            await watch.end()
                            if number == 1 { throw Broken() }
                        }
                    } catch { await watch.fail() }
                }
            }
        }
        let (most, failed) = await (watch.most, watch.failed)
        #expect(most == 1 && failed == 1)
        let later = try await queue.run { 7 }
        #expect(later == 7)
    }

    /// How many are at it at the same time.
    private actor Watch {
        private var running = 0
        private(set) var most = 0
        private(set) var failed = 0

        func begin() {
            self.running += 1
            self.most = max(self.most, self.running)
        }
        func end() { self.running -= 1 }
        func fail() { self.failed += 1 }
    }

    @Test func `who comes when too many wait is told to come back`() async throws {
        let queue = ScanQueue()
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let refusals = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await queue.run {
                    begin.yield()
                    for await _ in gates { break }
                }
                return false
            }
            for await _ in begun { break }
            for _ in 0..<9 {
                group.addTask {
                    do {
                        try await queue.run {}
                        return false
                    } catch let refusal as ConsoleRefusal {
                        gate.yield()
                        return refusal.status == 503
                    } catch { return false }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refusals == 5)
    }
}
