import Messaging

/// One call of `publish`, on its way to the publishing thread.
struct PublishRequest: Sendable {
    let id: UInt64
    let publications: [Publication]
    let continuation: CheckedContinuation<[PublishOutcome], any Error>
}

/// What callers leave in the publishing thread's mailbox.
enum PublishCommand: Sendable {
    case publish(PublishRequest)
    /// The caller doesn't wait any more: what isn't sent of its call won't be.
    case cancel(UInt64)
    case close(CheckedContinuation<Void, Never>)
}

/// One call of `publish` while the publishing thread works on it.
final class PublishBatch {
    let request: PublishRequest
    private(set) var outcomes: [PublishOutcome]
    private(set) var remaining: Int
    private(set) var isOver = false
    /// The next publication that was never sent.
    var nextIndex = 0
    let began: ContinuousClock.Instant

    init(_ request: PublishRequest, began: ContinuousClock.Instant) {
        self.request = request
        self.outcomes = Array(repeating: .confirmed, count: request.publications.count)
        self.remaining = request.publications.count
        self.began = began
    }

    /// Takes the outcome of one publication; the caller goes on with the last of them.
    func settle(_ index: Int, _ failure: BrokerError?) {
        guard !self.isOver else { return }
        if let failure { self.outcomes[index] = .failed(failure) }
        self.remaining -= 1
        if self.remaining == 0 {
            self.isOver = true
            self.request.continuation.resume(returning: self.outcomes)
        }
    }

    func fail(_ error: any Error) {
        guard !self.isOver else { return }
        self.isOver = true
        self.request.continuation.resume(throwing: error)
    }
}

/// One publication without an answer.
struct PendingPublication {
    let batch: PublishBatch
    let index: Int
    /// Set when the broker returned it; its confirm follows and means nothing then.
    var failure: BrokerError?

    var publication: Publication { self.batch.request.publications[self.index] }

    func settle(_ failure: BrokerError? = nil) { self.batch.settle(self.index, failure ?? self.failure) }
}
