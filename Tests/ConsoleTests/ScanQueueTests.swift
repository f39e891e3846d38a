import Synchronization
import Testing

@testable import Console

@Suite("One walk over the register at a time")
struct ScanQueueTests {
    @Test func `the next begins when the one before has ended, also by an error`() async throws {
        let queue = ScanQueue()
        let running = Mutex(0)
        let most = Mutex(0)
        let failed = Mutex(0)
        struct Broken: Error {}
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    do {
                        try await queue.run {
                            let now = running.withLock { count in
                                count += 1
                                return count
                            }
                            most.withLock { $0 = max($0, now) }
                            for _ in 0..<20 { await Task.yield() }
                            running.withLock { $0 -= 1 }
                            if number == 1 { throw Broken() }
                        }
                    } catch { failed.withLock { $0 += 1 } }
                }
            }
        }
        #expect(most.withLock { $0 } == 1 && failed.withLock { $0 } == 1)
        #expect(try await queue.run { 7 } == 7)
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
