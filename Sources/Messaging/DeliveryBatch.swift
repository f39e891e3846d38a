/// Several messages handed out together, each to be settled exactly once, in one go.
///
/// It can't be copied, so nothing in it can be settled twice; dropped unsettled, all of it goes back to the queue.
public struct DeliveryBatch: ~Copyable, Sendable {
    /// At least one, in the order of the queue.
    public let messages: [IncomingMessage]
    private let settler: any DeliverySettler
    private var isSettled = false

    package init(_ messages: [IncomingMessage], settler: any DeliverySettler) {
        self.messages = messages
        self.settler = settler
    }

    public consuming func acknowledge() { self.settleAll(.acknowledge) }

    public consuming func giveBack() { self.settleAll(.giveBack) }

    public consuming func refuse() { self.settleAll(.refuse) }

    /// Settles each message as `verdict` says; when it throws, all of them go back to the queue.
    public consuming func settle<Failure: Error>(_ verdict: (IncomingMessage) throws(Failure) -> Verdict) throws(Failure) {
        var tokens: [Verdict: [DeliveryToken]] = [:]
        for incoming in self.messages { tokens[try verdict(incoming), default: []].append(incoming.token) }
        self.isSettled = true
        for (verdict, tokens) in tokens { self.settler.settle(tokens, verdict) }
    }

    /// Hands the duty to settle each of them over to the caller.
    package consuming func handOver() -> (messages: [IncomingMessage], settler: any DeliverySettler) {
        self.isSettled = true
        return (self.messages, self.settler)
    }

    private consuming func settleAll(_ verdict: Verdict) {
        self.isSettled = true
        self.settler.settle(self.messages.map(\.token), verdict)
    }

    deinit {
        if !self.isSettled { self.settler.settle(self.messages.map(\.token), .giveBack) }
    }
}
