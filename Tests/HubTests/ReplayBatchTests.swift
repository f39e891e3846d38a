import Foundation
import Testing

@testable import Hub

@Suite("A replay decides its next step")
struct ReplayBatchTests {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    func batch(
        _ plan: ReplayPlan, _ numbers: [ReplayItem.Outcome: Int], state: ReplayBatch.State = .running, accepted: Int = 0,
        sentAt: Date? = nil
    ) -> ReplayBatch {
        ReplayBatch(
            id: "r", state: state, plan: plan, size: numbers.values.reduce(0, +), contentHash: "", madeAt: "", madeBy: "",
            accepted: accepted, sentAt: sentAt.map(RFC3339.text), tally: ReplayTally(numbers))
    }

    @Test func `a canary with a ramp sends one, five, fifty, five hundred and the rest, each when all before came through`() {
        var numbers: [ReplayItem.Outcome: Int] = [.waiting: 5000]
        var sizes: [Int] = []
        let plan = ReplayPlan(canary: 1, ramp: true)
        while case .send(let number) = self.batch(plan, numbers).step(now: Self.now) {
            sizes.append(number)
            numbers[.waiting, default: 0] -= number
            numbers[.sent] = number
            // With one of them unknown nothing more goes before the ramp's end.
            if numbers[.replayed, default: 0] + number <= 500 {
                #expect(self.batch(plan, numbers).step(now: Self.now) == .rest)
            }
            numbers[.replayed, default: 0] += number
            numbers[.sent] = 0
        }
        #expect(sizes == [1, 4, 45, 450, 1000, 1000, 1000, 1000, 500])
        #expect(self.batch(plan, numbers).step(now: Self.now) == .finish)
    }

    @Test func `a superseded canary proves nothing: another is sent`() {
        let plan = ReplayPlan(canary: 1)
        #expect(self.batch(plan, [.waiting: 9, .superseded: 1]).step(now: Self.now) == .send(1))
        #expect(self.batch(plan, [.waiting: 9, .replayed: 1]).step(now: Self.now) == .send(9))
    }

    @Test func `a failure stops a trial, and only a trial`() {
        let numbers: [ReplayItem.Outcome: Int] = [.waiting: 9, .failed: 1]
        #expect(self.batch(ReplayPlan(canary: 1), numbers).step(now: Self.now) == .stop)
        #expect(self.batch(ReplayPlan(canary: 1), numbers, accepted: 1).step(now: Self.now) == .send(9))
        #expect(self.batch(ReplayPlan(), numbers).step(now: Self.now) == .send(9))
    }

    @Test(arguments: [(0.4, 0), (1.01, 2), (30.01, 60), (600, 120)])
    func `no more go than the rate allows since the last`(seconds: Double, number: Int) {
        let last = Self.now.addingTimeInterval(-seconds)
        let step = self.batch(ReplayPlan(rate: 120), [.waiting: 999], sentAt: last).step(now: Self.now)
        #expect(step == (number == 0 ? .rest : .send(number)))
    }

    @Test func `at most a thousand are under way`() {
        #expect(self.batch(ReplayPlan(), [.waiting: 9999, .sent: 990]).step(now: Self.now) == .send(10))
        #expect(self.batch(ReplayPlan(), [.waiting: 9999, .sent: 1000]).step(now: Self.now) == .rest)
    }

    @Test(arguments: ReplayBatch.State.allCases.filter { $0 != .running })
    func `nothing is sent unless it runs`(state: ReplayBatch.State) {
        #expect(self.batch(ReplayPlan(), [.waiting: 9], state: state).step(now: Self.now) == .rest)
    }

    @Test(arguments: [ReplayBatch.State.cancelled, .done], ReplayBatch.Command.allCases)
    func `an ended replay stays ended`(state: ReplayBatch.State, command: ReplayBatch.Command) {
        #expect(state.after(command) == nil)
    }
}
