import ConnectorKit
import Foundation

/// The client's side of one message over SMTP (RFC 5321), as a pure value: what to say to each reply.
struct SMTPExchange: Sendable {
    enum Step: Sendable, Equatable {
        case say(String)
        /// Begin TLS, then go on with ``secured()``.
        case beginTLS
        case done
    }

    private enum State { case greeting, hello, startTLS, login, from, to(Int), data, message, quit }

    let host: String
    let isSecure: Bool
    let allowsPlain: Bool
    let login: (user: String, password: String)?
    let from: String
    let to: [String]
    let message: String
    private var state = State.greeting
    private var isEncrypted: Bool

    init(
        host: String, isSecure: Bool, allowsPlain: Bool, login: (user: String, password: String)?, from: String, to: [String],
        message: String
    ) {
        self.host = host
        self.isSecure = isSecure
        self.allowsPlain = allowsPlain
        self.login = login
        self.from = from
        self.to = to
        self.message = message
        self.isEncrypted = isSecure
    }

    private static let hello = "EHLO knutpunkt"

    /// Takes a whole reply of the server.
    ///
    /// - Throws: ``ConnectorFailure`` naming what was refused; `systemUnavailable` where a later try may help (4xx).
    mutating func take(_ reply: SMTPReply) throws(ConnectorFailure) -> Step {
        switch self.state {
        case .greeting:
            try self.expect(220, reply, "the connection")
            self.state = .hello
            return .say(Self.hello)
        case .hello:
            try self.expect(250, reply, "EHLO")
            if !self.isEncrypted {
                if reply.lines.contains(where: { $0.uppercased().hasPrefix("STARTTLS") }) {
                    self.state = .startTLS
                    return .say("STARTTLS")
                }
                guard self.allowsPlain else {
                    throw ConnectorFailure(
                        .misconfigured, code: .tlsFailed,
                        message:
                            "the mail server at \(self.host) offers no TLS: use smtps:// or a server that has STARTTLS, or set "
                            + "alarms.email.allow_plain when it is on this machine")
                }
            }
            return self.logInOrWrite()
        case .startTLS:
            try self.expect(220, reply, "STARTTLS")
            return .beginTLS
        case .login:
            try self.expect(235, reply, "the login (alarms.email.user, alarms.email.password_file)")
            return self.write()
        case .from:
            try self.expect(250, reply, "the sender (alarms.email.from)")
            return self.address(0)
        case .to(let index):
            try self.expect(250, reply, "a receiver (alarms.email.to)")
            return index + 1 < self.to.count ? self.address(index + 1) : self.sayData()
        case .data:
            try self.expect(354, reply, "DATA")
            self.state = .message
            // A line that begins with a dot gets another one (4.5.2).
            let stuffed = self.message.replacing("\r\n.", with: "\r\n..")
            return .say((stuffed.hasPrefix(".") ? "." + stuffed : stuffed) + ".")
        case .message:
            try self.expect(250, reply, "the message")
            self.state = .quit
            return .say("QUIT")
        case .quit: return .done
        }
    }

    /// TLS has begun: everything said before counts no more (RFC 3207).
    mutating func secured() -> Step {
        self.isEncrypted = true
        self.state = .hello
        return .say(Self.hello)
    }

    /// Whether the server has the message: what comes after can't undo it.
    var isAccepted: Bool { if case .quit = self.state { true } else { false } }

    private mutating func logInOrWrite() -> Step {
        guard let login = self.login else { return self.write() }
        self.state = .login
        return .say("AUTH PLAIN " + Data("\u{0}\(login.user)\u{0}\(login.password)".utf8).base64EncodedString())
    }

    private mutating func write() -> Step {
        self.state = .from
        return .say("MAIL FROM:<\(self.from)>")
    }

    private mutating func address(_ index: Int) -> Step {
        self.state = .to(index)
        return .say("RCPT TO:<\(self.to[index])>")
    }

    private mutating func sayData() -> Step {
        self.state = .data
        return .say("DATA")
    }

    private func expect(_ code: Int, _ reply: SMTPReply, _ what: String) throws(ConnectorFailure) {
        guard reply.code != code else { return }
        throw ConnectorFailure(
            (400...499).contains(reply.code) ? .systemUnavailable : .misconfigured, code: .mailRefused,
            message: "the mail server at \(self.host) answers \(reply.code) to \(what)")
    }
}

/// A reply, its lines together.
struct SMTPReply: Sendable, Equatable {
    let code: Int
    /// Without the code.
    let lines: [String]
}

/// Puts replies together from what arrives.
struct SMTPReplyReader: Sendable {
    private var bytes: [UInt8] = []
    private var lines: [String] = []

    enum Problem: Error { case noSMTP }

    /// The replies that are whole now.
    mutating func take(_ arrived: some Sequence<UInt8>) throws(Problem) -> [SMTPReply] {
        self.bytes += arrived
        var replies: [SMTPReply] = []
        while let end = self.bytes.firstIndex(of: UInt8(ascii: "\n")) {
            var line = String(decoding: self.bytes[..<end], as: UTF8.self)
            self.bytes.removeSubrange(...end)
            if line.hasSuffix("\r") { line.removeLast() }
            guard let code = Int(line.prefix(3)), (200...599).contains(code) else { throw .noSMTP }
            self.lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first == "-" { continue }
            replies.append(SMTPReply(code: code, lines: self.lines))
            self.lines = []
        }
        // RFC 5321, 4.5.3.1.5: 512 bytes a line.
        guard self.bytes.count <= 4096, self.lines.count <= 200 else { throw .noSMTP }
        return replies
    }
}
