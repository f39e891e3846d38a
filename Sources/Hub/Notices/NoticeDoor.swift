import Crypto
public import Foundation
public import SchoolRecords

/// Where a source's notices are let in. A notice says that something has changed and is never trusted with more: it makes the hub
/// read the source sooner, by the source's own interface and with the hub's own credentials. What it names is read first, what it
/// doesn't name by schedule.
///
/// A source posts to an address with a token in it that nobody can guess, or, where it can be set up to, sends a secret in a
/// header.
public struct NoticeDoor: Sendable {
    enum Lock: Sendable {
        /// The last part of the path.
        case path(SHA256Digest)
        /// A header and what it must hold.
        case header(name: String, SHA256Digest)
    }

    /// What becomes of a notice.
    public enum Verdict: Sendable, Hashable {
        /// It is the source's: read it.
        case taken
        /// There is no such address; also said of a wrong token, so that nobody learns which sources there are.
        case unknown
        /// The secret is missing or wrong.
        case refused
    }

    let lock: Lock

    /// Opened by a token in the path.
    public init(token: String) { self.lock = .path(Self.digest(token)) }

    /// Opened by a secret in a header.
    ///
    /// - Parameter header: its name, in any case.
    public init(header: String, secret: String) { self.lock = .header(name: header.lowercased(), Self.digest(secret)) }

    /// Judges a notice.
    ///
    /// - Parameters:
    ///   - token: the part of the path after the source's name; `nil` when there is none.
    ///   - header: the value of a header by its name in lower case.
    public func judge(token: String?, header: (String) -> String?) -> Verdict {
        switch self.lock {
        case .path(let digest):
            // Digests are compared in constant time.
            return token.map { Self.digest($0) == digest } == true ? .taken : .unknown
        case .header(let name, let digest):
            guard token == nil else { return .unknown }
            return header(name).map { Self.digest($0) == digest } == true ? .taken : .refused
        }
    }

    private static func digest(_ text: String) -> SHA256Digest { SHA256.hash(data: Data(text.utf8)) }
}

/// The doors of all sources that may post notices, and what a notice sets going.
public struct NoticeDoors: Sendable {
    private let doors: [String: NoticeDoor]
    private let wake: @Sendable (String, TraceContext?, NoticeScope) -> Void

    /// - Parameter wake: told the source of each notice that was taken, the trace that its `traceparent` names and what it says
    ///   has changed; must return at once.
    public init(
        _ doors: [String: NoticeDoor],
        wake: @escaping @Sendable (_ source: String, _ trace: TraceContext?, _ scope: NoticeScope) -> Void
    ) {
        self.doors = doors
        self.wake = wake
    }

    /// Takes a notice or turns it away. The body is looked at when it has been let in.
    public func take(source: String, token: String?, body: Data, header: (String) -> String?) -> NoticeDoor.Verdict {
        guard let door = self.doors[source] else { return .unknown }
        let verdict = door.judge(token: token, header: header)
        if verdict == .taken {
            self.wake(source, header("traceparent").flatMap { TraceContext($0) }, NoticeScope(body: body))
        }
        return verdict
    }
}
