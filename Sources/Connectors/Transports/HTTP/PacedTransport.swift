/// Sends calls no faster than another side allows, whoever makes them: each kind of call has a pace of its own.
struct PacedTransport<Kind: Hashable & Sendable>: HTTPTransport {
    private let transport: any HTTPTransport
    private let paces: [Kind: Pace]
    private let kind: @Sendable (HTTPCall) -> Kind

    /// - Parameters:
    ///   - perSecond: the most calls of each kind in a second.
    ///   - kind: of a call; one without a pace isn't held up.
    init(
        _ transport: any HTTPTransport, perSecond: [Kind: Int], clock: ConnectorClock,
        kind: @escaping @Sendable (HTTPCall) -> Kind
    ) {
        self.transport = transport
        self.paces = perSecond.mapValues { Pace(perSecond: $0, clock: clock) }
        self.kind = kind
    }

    func send(_ call: HTTPCall) async throws -> HTTPReply {
        guard let pace = self.paces[self.kind(call)] else { return try await self.transport.send(call) }
        let transport = self.transport
        return try await pace.run { try await transport.send(call) }
    }

    func shutdown() async { await self.transport.shutdown() }
}

/// Calls one after another, each so long after the reply to the one before that no second holds more than are allowed, however
/// long calls are on their way. What replies say of a quota counts too: others may share it.
actor Pace {
    private nonisolated let turn = Turn()
    private let clock: ConnectorClock
    private let perSecond: Int
    /// By the clock's uptime: no call begins before.
    private var next = Duration.zero

    init(perSecond: Int, clock: ConnectorClock) {
        self.perSecond = max(1, perSecond)
        self.clock = clock
    }

    /// Makes a call when its time has come.
    nonisolated func run(_ call: @Sendable () async throws -> HTTPReply) async throws -> HTTPReply {
        try await self.turn.run {
            let wait = await self.next - self.clock.uptime()
            if wait > .zero { try await self.clock.sleep(wait) }
            do {
                let reply = try await call()
                await self.note(reply.quota)
                return reply
            } catch {
                await self.note(nil)
                throw error
            }
        }
    }

    private func note(_ quota: CallQuota?) {
        let allowed = min(self.perSecond, quota?.limit ?? self.perSecond)
        var pause = Duration.seconds(1) / allowed
        if let quota, quota.remaining <= 0 { pause = max(pause, .seconds(quota.reset)) }
        self.next = self.clock.uptime() + pause
    }
}
