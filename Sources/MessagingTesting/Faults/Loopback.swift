import Foundation

/// Sockets on 127.0.0.1.
enum Loopback {
    /// POLLRDHUP, MSG_DONTWAIT and MSG_NOSIGNAL, which are not in Swift's view of the C library as plain numbers.
    static let hangUp: Int16 = 0x2000
    static let dontWait: CInt = 0x40
    static let noSignal: CInt = 0x4000

    static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    static func with(_ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    static func port(of listener: CInt) -> Int {
        var actual = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &actual) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        return Int(UInt16(bigEndian: actual.sin_port))
    }

    static func connect(port: Int) -> CInt? {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: port)
        guard Self.with(&address, { Foundation.connect(descriptor, $0, $1) }) == 0 else {
            Foundation.close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Closes so that the other side gets a reset.
    static func reset(_ descriptor: CInt) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
        Foundation.close(descriptor)
    }
}
