/// Which of the messages at hand may be handled now: in order within a key, side by side across keys.
///
/// A message that was given back comes again, and so do the messages of its key that were behind it: what of this key
/// arrives out of its turn is given back too, so that nothing overtakes.
struct Lanes {
    private struct Awaited {
        let id: String
        /// When it was given back last: the broker hears of settlements in this order.
        var givenBackAt: Int
    }

    private struct Lane {
        var waiting: ArraySlice<IncomingMessage> = []
        var isBusy = false
        /// Messages that were given back and are not here again yet, in their order.
        var awaited: [Awaited] = []
    }

    private var lanes: [String: Lane] = [:]
    /// Keys with something to handle and nobody at it, in the order in which they became so.
    private var ready: ArraySlice<String> = []
    private let width: Int
    private var running = 0
    private var isStopped = false
    private var clock = 0
    /// The life of the channel that the messages at hand came over.
    private var generation: UInt64 = 0

    /// - Parameter width: how many messages are handled at a time, at most.
    init(width: Int) { self.width = max(1, width) }

    /// - Returns: whether the message is kept here; otherwise it must be given back before anything else is settled.
    mutating func arrived(_ message: IncomingMessage, key: String) -> Bool {
        if message.token.generation != self.generation { self.startOver(message.token.generation) }
        var lane = self.lanes[key] ?? Lane()
        defer { self.lanes[key] = lane }
        guard let index = lane.awaited.firstIndex(where: { $0.id == message.message.id }) else {
            if lane.awaited.isEmpty {
                self.keep(message, key: key, &lane)
                return true
            }
            lane.awaited.append(Awaited(id: message.message.id, givenBackAt: self.tick()))
            return false
        }
        // One before it that was given back later may still be on its way. One that was given back earlier would have
        // come first: the queue has given it up.
        if lane.awaited[..<index].contains(where: { $0.givenBackAt > lane.awaited[index].givenBackAt }) {
            lane.awaited[index].givenBackAt = self.tick()
            return false
        }
        lane.awaited.removeFirst(index + 1)
        self.keep(message, key: key, &lane)
        return true
    }

    /// The next message to handle, if one may be.
    mutating func next() -> (key: String, message: IncomingMessage)? {
        while !self.isStopped, self.running < self.width, let key = self.ready.popFirst() {
            guard let message = self.lanes[key]?.waiting.popFirst() else { continue }
            self.lanes[key]?.isBusy = true
            self.running += 1
            return (key, message)
        }
        return nil
    }

    /// A message was handled.
    ///
    /// - Returns: the messages behind it that must be given back with it, in their order.
    mutating func finished(_ message: IncomingMessage, key: String, _ verdict: Verdict) -> [IncomingMessage] {
        self.running -= 1
        guard var lane = self.lanes[key] else { return [] }
        lane.isBusy = false
        var givenBack: [IncomingMessage] = []
        if verdict == .giveBack, message.token.generation == self.generation {
            givenBack = Array(lane.waiting)
            lane.waiting = []
            lane.awaited = ([message] + givenBack).map { Awaited(id: $0.message.id, givenBackAt: self.tick()) } + lane.awaited
        }
        if !lane.waiting.isEmpty { self.ready.append(key) }
        self.lanes[key] = lane.waiting.isEmpty && lane.awaited.isEmpty ? nil : lane
        return givenBack
    }

    /// Nothing more is begun.
    mutating func stop() { self.isStopped = true }

    /// The connection is a new one: everything unsettled comes again, in order.
    private mutating func startOver(_ generation: UInt64) {
        self.generation = generation
        self.ready = []
        self.lanes = self.lanes.filter(\.value.isBusy).mapValues { _ in Lane(isBusy: true) }
    }

    private mutating func keep(_ message: IncomingMessage, key: String, _ lane: inout Lane) {
        lane.waiting.append(message)
        if !lane.isBusy, lane.waiting.count == 1 { self.ready.append(key) }
    }

    private mutating func tick() -> Int {
        self.clock += 1
        return self.clock
    }
}
