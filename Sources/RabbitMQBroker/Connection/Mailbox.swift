import CRabbitMQ
import Foundation
import Synchronization

/// What other tasks leave for a connection's thread; leaving something wakes the thread out of its `poll`.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isClosed = false
    }

    /// Readable while something is waiting.
    let descriptor: CInt
    private let state = Mutex(State())

    init() {
        // Fails only when the process is out of descriptors; the thread then looks every 50 ms, see `DescriptorWait`.
        self.descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
    }

    deinit { if self.descriptor >= 0 { Foundation.close(self.descriptor) } }

    /// - Returns: false when the mailbox is closed and nobody will take the element.
    @discardableResult
    func post(_ element: Element) -> Bool {
        let (isTaken, mustWake) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.elements.append(element)
            return (true, state.elements.count == 1)
        }
        if mustWake { eventfd_write(self.descriptor, 1) }
        return isTaken
    }

    /// Everything left since the last call, in order.
    func take() -> [Element] {
        var count: eventfd_t = 0
        unsafe eventfd_read(self.descriptor, &count)
        return self.state.withLock { state in
            guard !state.elements.isEmpty else { return [] }
            defer { state.elements = [] }
            return state.elements
        }
    }

    /// Takes what is left and nothing after it.
    func close() -> [Element] {
        self.state.withLock { state in
            state.isClosed = true
            defer { state.elements = [] }
            return state.elements
        }
    }
}
