import Testing

@testable import RabbitMQBroker

@Suite struct UnsettledDeliveriesTests {
    private func deliveries(_ tags: ClosedRange<UInt64>) -> UnsettledDeliveries {
        var deliveries = UnsettledDeliveries()
        for tag in tags { deliveries.add(tag) }
        return deliveries
    }

    @Test func `a prefix becomes one frame`() {
        var deliveries = self.deliveries(1...10)
        #expect(deliveries.settle([3, 1, 2]) == [.init(tag: 3, multiple: true)])
        #expect(deliveries.count == 7)
    }

    @Test func `a frame never covers what was not asked for`() {
        var deliveries = self.deliveries(1...10)
        #expect(deliveries.settle([2, 3, 5]) == [2, 3, 5].map { .init(tag: $0, multiple: false) })
        #expect(deliveries.settle([1]) == [.init(tag: 1, multiple: false)])
        #expect(deliveries.settle([4, 6, 8]) == [.init(tag: 6, multiple: true), .init(tag: 8, multiple: false)])
        #expect(deliveries.settle([7, 9, 10]) == [.init(tag: 10, multiple: true)])
        #expect(deliveries.count == 0)
    }

    @Test func `nothing is settled twice and nothing unknown`() {
        var deliveries = self.deliveries(5...6)
        #expect(deliveries.settle([5, 5, 4, 99]) == [.init(tag: 5, multiple: false)])
        #expect(deliveries.settle([5]) == [])
        deliveries.removeAll()
        #expect(deliveries.settle([6]) == [])
    }
}
