import Testing

@testable import RabbitMQBroker

@Suite struct BackoffTests {
    @Test func `pauses double up to the longest, between half and whole`() {
        var backoff = Backoff(initial: .seconds(1), maximum: .seconds(30))
        for whole in [1, 2, 4, 8, 16, 30, 30, 30] {
            let pause = backoff.next()
            #expect(pause >= .milliseconds(whole * 500) && pause <= .seconds(whole))
        }
        for _ in 0..<100 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next() <= .seconds(1))
    }
}
