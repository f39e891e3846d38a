/// What a ``TCPProxy`` saw go by.
package struct Traffic: Sendable {
    /// A confirm of the broker or a settlement of a client.
    package struct Answer: Sendable, Equatable {
        package let tag: UInt64
        package let multiple: Bool
        package let isNegative: Bool
    }

    package var opened = 0
    package var closed = 0
    package var refused = 0
    package var cut = 0
    /// Connections that the client closed while they were stalled or swallowed.
    package var givenUp = 0
    package var stalledByBytes = 0
    package var bytesToBroker = 0
    package var bodyFramesToBroker = 0
    package var heartbeatsToClient = 0
    package var heartbeatsToBroker = 0
    package var confirms: [Answer] = []
    package var swallowedConfirms = 0
    package var returns = 0
    package var deliveries = 0
    package var consumersStarted = 0
    package var settlements: [Answer] = []
    package var swallowedSettlements = 0
    package var channelsClosedByBroker = 0
    package var connectionsClosedByBroker = 0
    package var consumersCancelledByBroker = 0

    /// Confirms that came after one with a higher tag.
    package var lateConfirms: Int {
        var highest: UInt64 = 0
        return self.confirms.count { confirm in
            defer { highest = max(highest, confirm.tag) }
            return confirm.tag < highest
        }
    }

    /// Takes note of a frame.
    mutating func note(_ frame: FrameWatch.Frame, _ direction: TCPProxy.Direction, isSwallowed: Bool) {
        switch (frame, direction) {
        case (.heartbeat, .toClient): self.heartbeatsToClient += 1
        case (.heartbeat, .toBroker): self.heartbeatsToBroker += 1
        case (.body, .toBroker): self.bodyFramesToBroker += 1
        case (.method(20, 40, _), .toClient): self.channelsClosedByBroker += 1
        case (.method(10, 50, _), .toClient): self.connectionsClosedByBroker += 1
        case (.method(60, 30, _), .toClient): self.consumersCancelledByBroker += 1
        case (.method(60, 50, _), .toClient): self.returns += 1
        case (.method(60, 21, _), .toClient): self.consumersStarted += 1
        case (.method(60, 60, _), .toClient): self.deliveries += 1
        default:
            guard let answer = frame.answer else { return }
            switch direction {
            case .toClient:
                self.confirms.append(answer)
                if isSwallowed { self.swallowedConfirms += 1 }
            case .toBroker:
                self.settlements.append(answer)
                if isSwallowed { self.swallowedSettlements += 1 }
            }
        }
    }
}

extension FrameWatch.Frame {
    /// `basic.ack`, `basic.nack` or `basic.reject`, read.
    var answer: Traffic.Answer? {
        guard case .method(60, let method, let arguments) = self, [80, 90, 120].contains(method), arguments.count >= 9 else {
            return nil
        }
        let tag = arguments.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Traffic.Answer(tag: tag, multiple: method != 90 && arguments[8] & 1 != 0, isNegative: method != 80)
    }
}
