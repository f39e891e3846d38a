import Foundation
import Hub
import Synchronization
import Testing

@Suite("A pause ends when something new is heard of")
struct WakeTests {
    /// A clock whose pauses never end by themselves.
    private static let still = HubClock.withoutPauseEnds

    @Test func `a ring during the pause ends it at once`() async throws {
        let wake = Wake()
        async let rung = wake.wait(atMost: .seconds(1), clock: Self.still)
        wake.ring()
        let ring = try await rung
        #expect(ring != nil)
    }

    @Test func `rings while nobody waits are kept, and count as one`() async throws {
        let wake = Wake()
        for _ in 0..<5 { wake.ring() }
        try await #expect(wake.wait(atMost: .seconds(1), clock: Self.still) != nil)
        let over = HubClock(now: { Date() }, sleep: { _ in })
        try await #expect(wake.wait(atMost: .seconds(1), clock: over) == nil)
    }

    @Test func `without a ring the pause lasts as long as it should`() async throws {
        let asked = Mutex<[Duration]>([])
        let clock = HubClock(now: { Date() }, sleep: { pause in asked.withLock { $0.append(pause) } })
        try await #expect(Wake().wait(atMost: .seconds(7), clock: clock) == nil)
        #expect(asked.withLock { $0 } == [.seconds(7)])
    }

    @Test func `a pause can be broken off`() async throws {
        let wake = Wake()
        let task = Task { try await wake.wait(atMost: .seconds(1), clock: Self.still) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // The next one to wait isn't let through by it.
        let over = HubClock(now: { Date() }, sleep: { _ in })
        try await #expect(wake.wait(atMost: .seconds(1), clock: over) == nil)
    }
}
