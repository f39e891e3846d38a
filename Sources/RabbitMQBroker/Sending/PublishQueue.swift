/// What waits to be sent: first what a lost channel left without an answer, then the calls in the order they came.
struct PublishQueue {
    private var again: ArraySlice<PendingPublication> = []
    private(set) var batches: [PublishBatch] = []
    private var head = 0

    mutating func append(_ batch: PublishBatch) { self.batches.append(batch) }

    mutating func sendAgain(_ pending: [PendingPublication]) {
        self.again = (pending.filter { !$0.batch.isOver } + self.again)[...]
    }

    /// The next publication to send, or `nil`.
    mutating func next() -> PendingPublication? {
        while let pending = self.again.popFirst() {
            if !pending.batch.isOver { return pending }
        }
        while self.head < self.batches.count {
            let batch = self.batches[self.head]
            if !batch.isOver, batch.nextIndex < batch.request.publications.count {
                batch.nextIndex += 1
                return PendingPublication(batch: batch, index: batch.nextIndex - 1)
            }
            self.head += 1
        }
        return nil
    }

    var hasWaiting: Bool {
        if self.again.contains(where: { !$0.batch.isOver }) { return true }
        return self.batches[self.head...].contains { !$0.isOver && $0.nextIndex < $0.request.publications.count }
    }

    /// Forgets the calls that have their answers.
    mutating func removeFinished() {
        guard self.batches.contains(where: \.isOver) else { return }
        self.batches.removeAll(where: \.isOver)
        self.head = self.batches.firstIndex { $0.nextIndex < $0.request.publications.count } ?? self.batches.count
    }
}
