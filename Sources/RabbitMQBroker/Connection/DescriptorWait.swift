import Foundation

/// `poll` with a time limit.
enum DescriptorWait {
    static func wait(for descriptors: [(CInt, Int16)], atMost limit: Duration) {
        var limit = limit
        if descriptors.contains(where: { $0.0 < 0 }) { limit = min(limit, .milliseconds(50)) }
        var list = descriptors.filter { $0.0 >= 0 }.map { pollfd(fd: $0.0, events: $0.1, revents: 0) }
        // Rounded up: a limit of half a millisecond must not become a busy loop.
        let (seconds, attoseconds) = max(.zero, limit).components
        let milliseconds = min(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000, 60_000)
        unsafe poll(&list, nfds_t(list.count), CInt(milliseconds))
    }
}
