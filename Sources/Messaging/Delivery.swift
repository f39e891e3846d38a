/// One message handed out by a queue, to be settled exactly once.
///
/// It can't be copied, so it can't be settled twice; dropped unsettled, e.g. by an error that leaves its scope, it goes
/// back to the queue.
public struct Delivery: ~Copyable, Sendable {
    public let incoming: IncomingMessage
    private let settler: any DeliverySettler
    private var isSettled = false

    package init(_ incoming: IncomingMessage, settler: any DeliverySettler) {
        self.incoming = incoming
        self.settler = settler
    }

    public var message: Message { self.incoming.message }

    /// How often it was handed out before.
    public var deliveryCount: Int64 { self.incoming.deliveryCount }

    public consuming func settle(_ verdict: Verdict) {
        self.isSettled = true
        self.settler.settle([self.incoming.token], verdict)
    }

    public consuming func acknowledge() { self.settle(.acknowledge) }

    public consuming func giveBack() { self.settle(.giveBack) }

    public consuming func refuse() { self.settle(.refuse) }

    deinit {
        if !self.isSettled { self.settler.settle([self.incoming.token], .giveBack) }
    }
}
