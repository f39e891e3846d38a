import Foundation
import Synchronization

/// One connection of a ``TCPProxy``, on a thread of its own.
struct ProxiedConnection {
    private struct Lane {
        let direction: TCPProxy.Direction
        let from: CInt
        let to: CInt
        var watch: FrameWatch
        var pending: ArraySlice<UInt8> = []
        /// The sender has closed its side.
        var isAtEnd = false
        var allowance = 0.0
        var allowedAt = ContinuousClock.now
    }

    private enum Step { case goOn, end, giveUp }

    private let number: Int
    private let client: CInt
    private let broker: CInt
    private let proxy: TCPProxy
    private var lanes: [Lane]
    private var sent = 0
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(_ number: Int, client: CInt, broker: CInt, proxy: TCPProxy) {
        self.number = number
        self.client = client
        self.broker = broker
        self.proxy = proxy
        self.lanes = [
            Lane(direction: .toBroker, from: client, to: broker, watch: FrameWatch(greeting: 8)),
            Lane(direction: .toClient, from: broker, to: client, watch: FrameWatch(greeting: 0)),
        ]
    }

    /// Forwards until one side closes, or the proxy is told otherwise.
    mutating func run() {
        while true {
            let (isClosed, cut) = self.proxy.orders.withLock { ($0.isClosed, $0.cuts[self.number]) }
            if isClosed { break }
            if let cut { return self.perform(cut) }
            let ready = self.wait()
            switch self.step(ready) {
            case .goOn: continue
            case .giveUp: self.proxy.seen.update { $0.givenUp += 1 }
            case .end: break
            }
            break
        }
        Foundation.close(self.client)
        Foundation.close(self.broker)
    }

    private func perform(_ cut: TCPProxy.Cut) {
        switch cut {
        case .reset:
            Loopback.reset(self.client)
            Loopback.reset(self.broker)
        case .finish:
            shutdown(self.client, CInt(SHUT_WR))
            shutdown(self.broker, CInt(SHUT_WR))
            // Unread bytes would turn the close into a reset.
            var rubbish = [UInt8](repeating: 0, count: 65_536)
            for descriptor in [self.client, self.broker] {
                var list = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
                while poll(&list, 1, 500) > 0, recv(descriptor, &rubbish, rubbish.count, Loopback.dontWait) > 0 {}
                Foundation.close(descriptor)
            }
        }
        self.proxy.seen.update { $0.cut += 1 }
    }

    /// At most 10 ms, so that orders are heard.
    private func wait() -> [Int16] {
        let modes = self.proxy.orders.withLock { $0.modes[self.number] ?? [:] }
        var events: [CInt: Int16] = [self.client: Loopback.hangUp]
        for lane in self.lanes {
            if !lane.pending.isEmpty {
                events[lane.to, default: 0] |= Int16(POLLOUT)
            } else if !lane.isAtEnd, modes[lane.direction] != .stall {
                events[lane.from, default: 0] |= Int16(POLLIN)
            }
        }
        var list = [self.client, self.broker].map { descriptor in
            pollfd(fd: events[descriptor] == nil ? -1 : descriptor, events: events[descriptor] ?? 0, revents: 0)
        }
        poll(&list, 2, 10)
        return list.map(\.revents)
    }

    /// Moves bytes under the lock: what the proxy is told to stop has stopped when the call returns.
    private mutating func step(_ ready: [Int16]) -> Step {
        let (step, noted) = self.proxy.orders.withLock { orders -> (Step, [Note]) in
            guard let modes = orders.modes[self.number], orders.cuts[self.number] == nil else { return (.goOn, []) }
            var notes: [Note] = []
            for index in self.lanes.indices {
                let direction = self.lanes[index].direction
                let mode = modes[direction] ?? .forward
                let swallowed = direction == .toClient ? orders.swallowsConfirms : orders.swallowsSettling
                if !self.flush(index) { return (.end, notes) }
                let isReady = ready[direction == .toBroker ? 0 : 1] != 0
                if isReady, mode != .stall, self.lanes[index].pending.isEmpty, !self.lanes[index].isAtEnd {
                    self.receive(index, mode, swallowsAnswers: swallowed.contains(self.number), &notes)
                    if !self.flush(index) { return (.end, notes) }
                }
                if self.lanes[index].isAtEnd, self.lanes[index].pending.isEmpty {
                    return (mode == .forward ? .end : .giveUp, notes)
                }
                if index == 0, ready[0] & Loopback.hangUp != 0, mode == .stall { return (.giveUp, notes) }
            }
            if let limit = orders.stallAfterBytes, self.sent >= limit {
                orders.stallAfterBytes = nil
                for number in orders.modes.keys { orders.modes[number] = [.toBroker: .stall, .toClient: .stall] }
                notes.append(.stalled)
            }
            return (.goOn, notes)
        }
        if !noted.isEmpty { self.proxy.seen.update { seen in noted.forEach { $0.enter(in: &seen) } } }
        return step
    }

    /// - Returns: false when the receiver is gone.
    private mutating func flush(_ index: Int) -> Bool {
        while !self.lanes[index].pending.isEmpty {
            let (to, pending) = (self.lanes[index].to, self.lanes[index].pending)
            let count = pending.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Loopback.dontWait | Loopback.noSignal) }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            self.lanes[index].pending = pending.dropFirst(count)
        }
        return true
    }

    private mutating func receive(_ index: Int, _ mode: TCPProxy.Mode, swallowsAnswers: Bool, _ notes: inout [Note]) {
        var most = self.buffer.count
        if case .slow(let rate) = mode {
            let now = ContinuousClock.now
            self.lanes[index].allowance += (now - self.lanes[index].allowedAt) / .seconds(1) * Double(rate)
            self.lanes[index].allowance = min(self.lanes[index].allowance, Double(rate))
            self.lanes[index].allowedAt = now
            most = min(most, Int(self.lanes[index].allowance))
            guard most > 0 else { return }
        }
        let count = recv(self.lanes[index].from, &self.buffer, most, Loopback.dontWait)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            self.lanes[index].isAtEnd = true
            return
        }
        self.lanes[index].allowance -= Double(count)
        let direction = self.lanes[index].direction
        if direction == .toBroker {
            self.sent += count
            notes.append(.bytes(count))
        }
        guard mode != .swallow else { return }
        self.lanes[index].pending =
            self.lanes[index].watch.feed(self.buffer[..<count]) { frame in
                let isSwallowed = swallowsAnswers && frame.answer != nil
                notes.append(.frame(frame, direction, isSwallowed: isSwallowed))
                return !isSwallowed
            }[...]
    }

    private enum Note {
        case frame(FrameWatch.Frame, TCPProxy.Direction, isSwallowed: Bool)
        case bytes(Int)
        case stalled

        func enter(in seen: inout Traffic) {
            switch self {
            case .frame(let frame, let direction, let isSwallowed): seen.note(frame, direction, isSwallowed: isSwallowed)
            case .bytes(let count): seen.bytesToBroker += count
            case .stalled: seen.stalledByBytes += 1
            }
        }
    }
}
