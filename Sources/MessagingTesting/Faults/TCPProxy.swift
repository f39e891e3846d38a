import Foundation
import Synchronization

/// A forwarding TCP listener between a client and its broker that can play every bad network.
///
/// What it is told to do holds for the connections of that moment; later ones work, so that recovery can be seen, unless it is
/// told otherwise.
package final class TCPProxy: Sendable {
    package enum Direction: Sendable, CaseIterable { case toBroker, toClient }

    package enum Mode: Sendable, Equatable {
        case forward
        /// Nothing is read, nothing is closed: buffers fill.
        case stall
        /// Everything is read and thrown away.
        case swallow
        case slow(bytesPerSecond: Int)
    }

    package enum Cut: Sendable, CaseIterable {
        /// At once, as when a process is killed or a firewall says no.
        case reset
        /// In order, as TCP sees it.
        case finish
    }

    /// What the threads of connections are told.
    struct Orders {
        var isClosed = false
        var refusesNew = false
        var count = 0
        var modes: [Int: [Direction: Mode]] = [:]
        /// How new connections begin.
        var laterMode = Mode.forward
        var cuts: [Int: Cut] = [:]
        var swallowsConfirms: Set<Int> = []
        var swallowsSettling: Set<Int> = []
        var stallAfterBytes: Int?
        var targets: [Int]
    }

    package let port: Int
    /// What happened so far.
    package let seen = Observed(Traffic())
    let orders: Mutex<Orders>
    private let listener: CInt

    /// - Parameter targets: ports on loopback; each connection goes to the first that takes it.
    package init(to targets: Int...) throws {
        self.orders = Mutex(Orders(targets: targets))
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = Loopback.address(port: 0)
        guard Loopback.with(&address, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        self.port = Loopback.port(of: listener)
        Thread { [self] in self.accept() }.start()
    }

    package func close() {
        self.orders.withLock { $0.isClosed = true }
        shutdown(self.listener, CInt(SHUT_RDWR))
    }

    /// Sends later connections elsewhere.
    package func retarget(to targets: Int...) { self.orders.withLock { $0.targets = targets } }

    // MARK: Faults

    package func stall(_ directions: [Direction] = Direction.allCases) { self.set(.stall, directions) }

    /// Stalls the connections of this moment and those to come, until ``heal()``.
    package func stallLaterToo() {
        self.orders.withLock { $0.laterMode = .stall }
        self.stall()
    }

    package func blackHole(_ directions: [Direction] = Direction.allCases) { self.set(.swallow, directions) }

    package func slow(bytesPerSecond: Int, _ directions: [Direction] = Direction.allCases) {
        self.set(.slow(bytesPerSecond: bytesPerSecond), directions)
    }

    package func heal() {
        self.orders.withLock { $0.laterMode = .forward }
        self.set(.forward, Direction.allCases)
    }

    /// Stalls everything when a client has sent so many bytes over one connection.
    package func stall(afterBytes bytes: Int) { self.orders.withLock { $0.stallAfterBytes = bytes } }

    package func cut(_ cut: Cut) {
        self.orders.withLock { orders in
            for number in orders.modes.keys { orders.cuts[number] = cut }
        }
    }

    /// The broker's publisher confirms don't get through any more; all else does.
    package func swallowConfirms() { self.orders.withLock { orders in orders.swallowsConfirms = Set(orders.modes.keys) } }

    /// The client's acknowledgements don't get through any more; all else does.
    package func swallowSettling() { self.orders.withLock { $0.swallowsSettling = Set($0.modes.keys) } }

    /// New connections are reset, or taken again.
    package func refuseNew(_ refuses: Bool) { self.orders.withLock { $0.refusesNew = refuses } }

    private func set(_ mode: Mode, _ directions: [Direction]) {
        self.orders.withLock { orders in
            for number in orders.modes.keys {
                for direction in directions { orders.modes[number]?[direction] = mode }
            }
        }
    }

    // MARK: Connections

    private func accept() {
        while true {
            let client = Foundation.accept(self.listener, nil, nil)
            guard client >= 0 else { break }
            let (number, targets) = self.orders.withLock { orders -> (Int?, [Int]) in
                guard !orders.isClosed, !orders.refusesNew else { return (nil, []) }
                orders.count += 1
                orders.modes[orders.count] = [.toBroker: orders.laterMode, .toClient: orders.laterMode]
                return (orders.count, orders.targets)
            }
            var broker: CInt?
            for target in targets where broker == nil { broker = Loopback.connect(port: target) }
            guard let number, let broker else {
                if let number { self.forget(number) }
                self.seen.update { $0.refused += 1 }
                Loopback.reset(client)
                continue
            }
            self.seen.update { $0.opened += 1 }
            Thread { [self] in
                var connection = ProxiedConnection(number, client: client, broker: broker, proxy: self)
                connection.run()
                self.forget(number)
                self.seen.update { $0.closed += 1 }
            }.start()
        }
        Foundation.close(self.listener)
    }

    private func forget(_ number: Int) {
        self.orders.withLock { orders in
            orders.modes[number] = nil
            orders.cuts[number] = nil
        }
    }
}
