import Foundation

/// How far the relay has come in the outbox, and when it tries what it passed over again.
struct RelayRound {
    /// Everything up to here was published or passed over.
    var position: Int64 = 0
    private var again: Date?
    private var backoff = Backoff(first: .seconds(1), most: .seconds(60))

    /// Goes back to the start when it is time to.
    mutating func begin(at now: Date) {
        guard let again = self.again else {
            // Nothing was passed over since the last start: what stands there next is a trouble of its own. The start is cheap,
            // and what another process put in late is found.
            self.backoff.reset()
            self.position = 0
            return
        }
        guard now >= again else { return }
        self.again = nil
        self.position = 0
    }

    /// Leaves something where it is, to be tried again later.
    ///
    /// - Returns: how long until then.
    mutating func passOver(at now: Date) -> Duration {
        if let again = self.again, again > now { return .seconds(again.timeIntervalSince(now)) }
        let wait = self.backoff.next()
        self.again = now.addingTimeInterval(wait / .seconds(1))
        return wait
    }
}
