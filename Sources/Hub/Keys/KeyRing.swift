import Crypto
import Foundation
import Synchronization

/// The generations that a process has, and what seals with them. All copies of a ``HubKey`` share one: a change of keys by another
/// process is followed everywhere at once.
final class KeyRing: Sendable {
    /// Sealed with a generation of the hub's: a mark, its number (two bytes, the higher first), then nonce, text and tag.
    static let mark: [UInt8] = [0x9C, 0x4B, 0x50, 0x53, 0x4C, 0x01]
    static let headerBytes = KeyRing.mark.count + 2
    /// So long a generation that is gone from the document still opens what a read under way has fetched.
    private static let grace: TimeInterval = 600

    private struct State {
        var keys: [Int: SymmetricKey]
        var current: Int
        /// When generations were found to be gone from the document.
        var gone: [Int: Date] = [:]
    }
    private let state: Mutex<State>
    private let reload: (@Sendable () throws -> KeyDocument)?

    init(_ document: KeyDocument, reload: (@Sendable () throws -> KeyDocument)?) {
        self.state = Mutex(State(keys: Self.keys(document), current: document.current))
        self.reload = reload
    }

    private static func keys(_ document: KeyDocument) -> [Int: SymmetricKey] {
        Dictionary(document.generations.map { ($0.number, $0.secret) }, uniquingKeysWith: { _, last in last })
    }

    var current: Int { self.state.withLock { $0.current } }

    func adopt(_ document: KeyDocument, now: Date = Date()) {
        self.state.withLock { state in
            let keys = Self.keys(document)
            for number in state.keys.keys where keys[number] == nil && state.gone[number] == nil { state.gone[number] = now }
            state.keys.merge(keys) { _, new in new }
            for number in keys.keys { state.gone[number] = nil }
            state.current = document.current
        }
    }

    private static func forget(_ state: inout State, now: Date) {
        for (number, since) in state.gone where now.timeIntervalSince(since) > Self.grace {
            state.keys[number] = nil
            state.gone[number] = nil
        }
    }

    /// Goes by a generation that another process has put in force.
    func follow(_ generation: Int, now: Date = Date()) throws {
        let isBehind = self.state.withLock { state in
            if !state.gone.isEmpty { Self.forget(&state, now: now) }
            return state.current < generation
        }
        guard isBehind else { return }
        guard let reload = self.reload else { throw KeyDocumentProblem(description: "it has no generation \(generation)") }
        let document = try reload()
        guard document.generations.contains(where: { $0.number == generation }) else {
            throw KeyDocumentProblem(description: "it has no generation \(generation)")
        }
        self.adopt(document)
    }

    func seal(_ data: Data, context: String) throws -> Data {
        let (number, key) = self.state.withLock { ($0.current, $0.keys[$0.current]) }
        guard let key else { throw SealBroken() }
        return Data(Self.header(number)) + (try HubKey.seal(data, with: key, context: context))
    }

    func open(_ sealed: Data, context: String) throws -> Data {
        if let number = Self.generation(of: sealed) {
            var key = self.state.withLock { $0.keys[number] }
            if key == nil, let reload = self.reload, let document = try? reload() {
                self.adopt(document)
                key = self.state.withLock { $0.keys[number] }
            }
            if let key, let data = try? HubKey.open(sealed.dropFirst(Self.headerBytes), with: key, context: context) {
                return data
            }
        }
        // As the first version sealed: without a header.
        guard let first = self.state.withLock({ $0.keys[1] }) else { throw SealBroken() }
        return try HubKey.open(sealed, with: first, context: context)
    }

    static func header(_ generation: Int) -> [UInt8] {
        Self.mark + [UInt8(truncatingIfNeeded: generation >> 8), UInt8(truncatingIfNeeded: generation)]
    }

    /// The generation that something is sealed with, by its header.
    static func generation(of sealed: Data) -> Int? {
        guard sealed.count > Self.headerBytes, sealed.starts(with: Self.mark) else { return nil }
        let number = Array(sealed.dropFirst(Self.mark.count).prefix(2))
        return Int(number[0]) << 8 | Int(number[1])
    }
}
