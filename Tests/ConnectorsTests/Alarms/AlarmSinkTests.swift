import ConnectorKit
import Foundation
import Logging
import NIOCore
import NIOPosix
import SchoolRecords
import StandIns
import Synchronization
import Testing

@testable import Connectors

@Suite("Alarms are told outside: one case a cause")
struct AlarmSinkTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func event(_ step: AlarmEvent.Step, _ text: String = "unikum tar inte emot <nu>") -> AlarmEvent {
        AlarmEvent(
            step,
            Alarm(
                .targetDown, "unikum", severity: .critical, text: Bilingual(sv: text, en: "unikum takes nothing"),
                raised: "2026-08-17T06:00:00.000Z"), time: "2026-08-17T07:00:00.000Z")
    }

    private func withDesk(
        mandatory: [String] = ["requester"], key: String? = nil, edition: ServiceDeskStandIn.Edition = .onPremises,
        _ body: (ServiceDeskStandIn, ServiceDeskSink) async throws -> Void
    ) async throws {
        let desk = ServiceDeskStandIn(edition: edition, mandatory: mandatory)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("key").path
        try (key ?? desk.key).write(toFile: file, atomically: true, encoding: .utf8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.run() }
            defer { group.cancelAll() }
            let access: ServiceDeskAccess =
                switch edition {
                case .onPremises: .technicianKey(file: file)
                case .cloud:
                    .cloud(
                        ServiceDeskAccess.Cloud(
                            tokenURL: try await desk.tokenURL(), clientID: "hub", clientSecretFile: file, refreshTokenFile: file))
                }
            let settings = ServiceDeskSink.Settings(
                baseURL: try await desk.apiURL(), access: access, requester: "drift@kommun.example")
            let sink = ServiceDeskSink(settings, logger: self.quiet)
            try await body(desk, sink)
            await sink.shutdown()
        }
    }

    @Test(arguments: [ServiceDeskStandIn.Edition.onPremises, .cloud])
    func `an alarm is one request, changed with it and closed when it is over`(
        _ edition: ServiceDeskStandIn.Edition
    ) async throws {
        try await self.withDesk(edition: edition) { desk, sink in
            try await sink.tell(self.event(.raised))
            try await sink.tell(self.event(.raised))
            try await sink.tell(self.event(.changed, "fler väntar"))
            var requests = await desk.requests
            #expect(requests.map(\.status) == ["Open"])
            #expect(requests[0].subject == "Knutpunkt: target-down unikum")
            #expect(requests[0].text.hasPrefix("fler väntar<br>"))
            try await sink.tell(self.event(.passed))
            requests = await desk.requests
            #expect(requests.map(\.status) == ["Closed"])
            #expect(requests[0].text.contains("&lt;nu&gt;"))
            // What comes back is a new one; the closed one is left alone.
            try await sink.tell(self.event(.raised))
            requests = await desk.requests
            #expect(requests.map(\.status) == ["Closed", "Open"])
        }
    }

    @Test func `a reply that was lost leads to no second request`() async throws {
        try await self.withDesk { desk, sink in
            await desk.loseReplies(1)
            await #expect(throws: ConnectorFailure.self) { try await sink.tell(self.event(.raised)) }
            try await sink.tell(self.event(.raised))
            #expect(await desk.requests.map(\.status) == ["Open"])
        }
    }

    @Test func `what passed without ever having been told makes no request`() async throws {
        try await self.withDesk { desk, sink in
            try await sink.tell(self.event(.passed))
            #expect(await desk.requests.isEmpty)
        }
    }

    @Test func `a refusal says which field is missing, a wrong key that it is the key`() async throws {
        try await self.withDesk(mandatory: ["requester", "site"]) { _, sink in
            let failure = await #expect(throws: ConnectorFailure.self) { try await sink.tell(self.event(.raised)) }
            #expect(failure?.message.contains("4012 (site)") == true && failure?.code == "alarm-refused")
        }
        try await self.withDesk(key: "wrong") { _, sink in
            let failure = await #expect(throws: ConnectorFailure.self) { try await sink.tell(self.event(.raised)) }
            #expect(failure?.code == "secret-refused")
            #expect(failure?.message.contains("wrong") == false)
        }
    }

    @Test func `in the cloud a token serves many calls, and one that was taken back is replaced`() async throws {
        try await self.withDesk(edition: .cloud) { desk, sink in
            for _ in 0..<3 { try await sink.tell(self.event(.changed)) }
            #expect(await desk.tokenCount == 1)
            await desk.revokeTokens()
            try await sink.tell(self.event(.passed))
            #expect(await desk.tokenCount == 2)
            #expect(await desk.requests.map(\.status) == ["Closed"])
        }
        try await self.withDesk(key: "wrong", edition: .cloud) { desk, sink in
            let failure = await #expect(throws: ConnectorFailure.self) { try await sink.tell(self.event(.raised)) }
            #expect(failure?.code == "secret-refused" && failure?.message.contains("token_url") == true)
            #expect(failure?.message.contains("wrong") == false)
        }
    }

    @Test(arguments: [4001, 4002, 4004, 4005, 4007, 4008, 4009, 4012, 4014, 4015, 4016, 4021, 7001] as [Int64])
    func `each refusal says what helps, and what may pass by itself is tried again`(_ code: Int64) async throws {
        try await self.withDesk { desk, sink in
            await desk.refuse(code)
            let failure = await #expect(throws: ConnectorFailure.self) { try await sink.tell(self.event(.raised)) }
            // Too many calls (429) are what they are anywhere.
            if code == 4015 {
                #expect(failure?.kind == .transient || failure?.kind == .systemUnavailable)
            } else {
                #expect(failure?.code == "alarm-refused" && failure?.message.contains("\(code)") == true)
                #expect(failure?.message.contains("see alarms.service_desk") == false, "it has words of its own")
                #expect((failure?.kind == .transient) == (code == 4004))
            }
            await desk.refuse(nil)
            try await sink.tell(self.event(.raised))
            #expect(await desk.requests.count == 1)
        }
    }

    @Test func `the web is told a CloudEvent that is the same however often it is sent`() throws {
        let body = try JSONValue(parsing: WebhookSink.body(of: self.event(.raised)))
        #expect(body["type"]?.stringValue == "se.knutpunkt.alarm.raised.v1")
        #expect(body["subject"]?.stringValue == "target-down:unikum")
        #expect(body["data"]?["text"]?["en"]?.stringValue == "unikum takes nothing")
        #expect(WebhookSink.body(of: self.event(.raised)) == WebhookSink.body(of: self.event(.raised)))
        let over = try JSONValue(parsing: WebhookSink.body(of: self.event(.passed)))
        #expect(over["id"] != body["id"])
    }

    // MARK: E-mail

    /// A mail server that says what it is told to and keeps what it hears.
    private final class MailServer: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        let heard: Heard
        private let replies: [String: String]
        private var isData = false
        private var text = ""

        final class Heard: Sendable {
            let lines = Mutex<[String]>([])
        }

        init(_ heard: Heard, replies: [String: String]) {
            self.heard = heard
            self.replies = replies
        }

        func channelActive(context: ChannelHandlerContext) { self.say("220 mail.example ESMTP", context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.text += String(buffer: self.unwrapInboundIn(data))
            while let end = self.text.range(of: "\r\n") {
                let line = String(self.text[..<end.lowerBound])
                self.text.removeSubrange(..<end.upperBound)
                self.heard.lines.withLock { $0.append(line) }
                if self.isData {
                    if line == "." {
                        self.isData = false
                        self.say(self.replies["."] ?? "250 2.0.0 queued", context)
                    }
                    continue
                }
                let verb = String(line.prefix { $0 != " " && $0 != ":" })
                if let reply = self.replies[verb] {
                    self.say(reply, context)
                } else {
                    switch verb {
                    case "EHLO": self.say("250-mail.example\r\n250-SIZE 1000000\r\n250 AUTH PLAIN", context)
                    case "DATA":
                        self.isData = true
                        self.say("354 go on", context)
                    case "AUTH": self.say("235 ok", context)
                    case "QUIT": self.say("221 bye", context)
                    default: self.say("250 ok", context)
                    }
                }
            }
        }

        private func say(_ line: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: line + "\r\n")), promise: nil)
        }
    }

    private func mail(
        replies: [String: String] = [:], allowsPlain: Bool = true, _ event: AlarmEvent
    ) async throws -> [String] {
        let heard = MailServer.Heard()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MailServer(heard, replies: replies))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        var settings = MailSink.Settings(
            host: "127.0.0.1", port: server.localAddress?.port ?? 0, isSecure: false, from: "hub@kommun.example",
            to: ["drift@kommun.example", "it@kommun.example"])
        settings.allowsPlain = allowsPlain
        let result: Result<Void, any Error>
        do { result = .success(try await MailSink(settings, logger: self.quiet).tell(event)) } catch { result = .failure(error) }
        try await server.close()
        try result.get()
        return heard.lines.withLock { $0 }
    }

    @Test func `a mail server is given the message, for each receiver`() async throws {
        let heard = try await self.mail(self.event(.raised))
        #expect(
            heard.prefix(5) == [
                "EHLO knutpunkt", "MAIL FROM:<hub@kommun.example>", "RCPT TO:<drift@kommun.example>",
                "RCPT TO:<it@kommun.example>", "DATA",
            ])
        #expect(heard.contains("Date: Mon, 17 Aug 2026 07:00:00 +0000"))
        #expect(heard.suffix(2) == [".", "QUIT"])
        let encoded = try #require(heard.firstIndex(of: "")).advanced(by: 1)
        let body = heard[encoded...].prefix { $0 != "." }.joined()
        let text = String(decoding: try #require(Data(base64Encoded: body)), as: UTF8.self)
        #expect(text.contains("unikum tar inte emot <nu>") && text.contains("docs/operations/alarms.md#target-down"))
    }

    @Test func `messages of one alarm are one thread`() async throws {
        let first = try await self.mail(
            AlarmEvent(.raised, self.event(.raised).alarm, time: self.event(.raised).alarm.raised))
        let last = try await self.mail(self.event(.passed))
        func header(_ name: String, _ lines: [String]) -> String? {
            lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
        }
        #expect(header("In-Reply-To", first) == nil)
        #expect(header("In-Reply-To", last) == header("Message-ID", first))
        #expect(header("Message-ID", last) != header("Message-ID", first))
    }

    @Test(arguments: ["MAIL", "RCPT", "DATA", "."])
    func `a refusal of any step is an error, for now or for good`(_ step: String) async throws {
        for (code, kind) in [(451, ConnectorFailure.Kind.systemUnavailable), (550, .misconfigured)] {
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await self.mail(replies: [step: "\(code) no"], self.event(.raised))
            }
            #expect(failure?.kind == kind && failure?.code == "mail-refused")
        }
    }

    @Test func `without TLS nothing is sent, unless it is allowed`() async throws {
        let failure = await #expect(throws: ConnectorFailure.self) {
            try await self.mail(allowsPlain: false, self.event(.raised))
        }
        #expect(failure?.code == "tls-failed")
    }

    @Test func `what speaks no SMTP is said to`() async throws {
        let failure = await #expect(throws: ConnectorFailure.self) {
            try await self.mail(replies: ["EHLO": "<html>"], self.event(.raised))
        }
        #expect(failure?.code == "wrong-shape")
    }

    @Test func `a line of the message that begins with a dot stays as it is`() throws {
        var exchange = SMTPExchange(
            host: "h", isSecure: true, allowsPlain: false, login: ("u", "p"), from: "a@b", to: ["c@d"],
            message: ".x\r\n..y\r\nz\r\n")
        #expect(try exchange.take(SMTPReply(code: 220, lines: [])) == .say("EHLO knutpunkt"))
        #expect(try exchange.take(SMTPReply(code: 250, lines: [])) == .say("AUTH PLAIN AHUAcA=="))
        #expect(try exchange.take(SMTPReply(code: 235, lines: [])) == .say("MAIL FROM:<a@b>"))
        #expect(try exchange.take(SMTPReply(code: 250, lines: [])) == .say("RCPT TO:<c@d>"))
        #expect(try exchange.take(SMTPReply(code: 250, lines: [])) == .say("DATA"))
        #expect(try exchange.take(SMTPReply(code: 354, lines: [])) == .say("..x\r\n...y\r\nz\r\n."))
        #expect(!exchange.isAccepted)
        #expect(try exchange.take(SMTPReply(code: 250, lines: [])) == .say("QUIT"))
        #expect(exchange.isAccepted)
    }
}
