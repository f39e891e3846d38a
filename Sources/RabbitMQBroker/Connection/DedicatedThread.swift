import Foundation

/// An operating system thread of its own: librabbitmq blocks, and Swift's cooperative threads must not.
enum DedicatedThread {
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Runs `body` on a thread of its own and waits for what it gives, without blocking the caller's thread.
    static func run<Value: Sendable>(
        _ name: String, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Self.start(name) { continuation.resume(with: Result { try body() }) }
        }
    }
}
