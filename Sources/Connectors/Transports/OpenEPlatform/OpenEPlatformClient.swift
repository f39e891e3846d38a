import ConnectorKit
import Foundation
import Logging

/// Calls the instance API of an Open ePlatform: which cases there are, and one case's XML.
struct OpenEPlatformClient: Sendable {
    let settings: OpenEPlatformSettings
    let calls: RetryingCalls

    init(
        settings: OpenEPlatformSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        self.settings = settings
        self.calls = RetryingCalls(transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// The numbers of cases, as they are listed.
    struct List: Sendable {
        /// In the order of the list, each once.
        var numbers: [String] = []
        /// Elements without a usable number.
        var nameless = 0
    }

    /// The cases of an e-service in a status that were submitted since a day.
    ///
    /// - Throws: ``ConnectorFailure``; `CancellationError`.
    func list(_ cases: OpenEPlatformSettings.Cases, status: String?, since: WallClock) async throws -> List {
        var path = "/api/instanceapi/getinstances/family/\(Percent.encode(cases.family))"
        var query = [("fromDate", String(since.text.prefix(10)))]
        if let status {
            switch self.settings.statusPlace {
            case .path: path += "/" + Percent.encode(status)
            case .query: query.insert(("status", status), at: 0)
            }
        }
        let words = "the list of cases of family \(cases.family)"
        let address = path + "?" + Percent.query(query)
        return try await XMLDocument.asked(words) {
            try await self.send(address, words: words)
        } refused: { reply in
            reply.status == 404 && self.settings.notFoundIsNone
                ? nil : self.refusal(reply, words, "check connection.base_url and the families of cases")
        } take: { data throws(XMLProblem) in
            var list = List()
            guard let data else { return list }
            var known: Set<String> = []
            try XMLDocument.read(data, root: "FlowInstances", nameSpace: nil, isOneByteUndeclared: true) {
                element throws(XMLProblem) in
                guard element.name == "FlowInstance" else { throw .wrongShape }
                guard let number = (element.value("flowInstanceID") ?? element.value("FlowInstanceID")), Self.isNumber(number)
                else {
                    list.nameless += 1
                    return
                }
                if known.insert(number).inserted { list.numbers.append(number) }
            }
            return list
        }
    }

    /// One case.
    ///
    /// - Returns: the document's tree; `nil` when there is no such case, or the address is wrong.
    /// - Throws: ``ConnectorFailure``; `CancellationError`.
    func instance(_ number: String) async throws -> XMLTree? {
        let words = "a case's XML"
        let address = "/api/instanceapi/getinstance/\(Percent.encode(number))/xml"
        return try await XMLDocument.asked(words) {
            try await self.send(address, words: words)
        } refused: { reply in
            reply.status == 404 ? nil : self.refusal(reply, words, "the platform's own log says what it misses")
        } take: { data throws(XMLProblem) in
            guard let data else { return nil }
            let tree = try XMLDocument.tree(data, root: "FlowInstance", nameSpace: nil, isOneByteUndeclared: true)
            guard tree["Header"]?.value("FlowInstanceID") != nil, tree["Values"] != nil else { throw .wrongShape }
            return tree
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        (1...18).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private func send(_ address: String, words: String) async throws -> HTTPReply {
        let credentials = "\(try self.settings.user.resolve()):\(try self.settings.password.resolve())"
        let target = CallTarget(name: words, setting: "connection.base_url", url: self.settings.baseURL)
        let call = HTTPCall(
            url: self.settings.baseURL + address,
            headers: [
                ("accept", "text/xml, application/xml"),
                ("authorization", "Basic " + Data(credentials.utf8).base64EncodedString()),
            ])
        return try await self.calls.send(call, to: target)
    }

    private func refusal(_ reply: HTTPReply, _ words: String, _ remedy: String) -> ConnectorFailure {
        switch reply.status {
        case 401:
            ConnectorFailure(
                .misconfigured, code: .credentialsRefused,
                message: "\(words) was refused (401): check connection.user and connection.password")
        case 403:
            ConnectorFailure(
                .misconfigured, code: .accessDenied,
                message: "\(words) was refused (403): give the user of connection.user the right to the API and to the e-service")
        case 404:
            ConnectorFailure(
                .misconfigured, code: .endpointNotFound,
                message: "\(words) isn't there (404): \(remedy)")
        case 400:
            ConnectorFailure(.rejected, code: .callRefused, message: "\(words) was refused (400): \(remedy)")
        default:
            ConnectorFailure(
                .malformedReply, code: .unexpectedStatus, message: "\(words) was answered with \(reply.status)")
        }
    }
}
