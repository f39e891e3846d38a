import Foundation
import Hummingbird
import NIOCore
import SchoolRecords

/// An answer before the faults have had their say.
struct ClassicAnswer {
    var status = HTTPResponse.Status.ok
    var body: [UInt8] = []
    var isDocument = false
    var retryAfter: Int?
    var isLost = false

    static func document(_ xml: String) -> ClassicAnswer { ClassicAnswer(body: Array(xml.utf8), isDocument: true) }
    /// Errors are plain text.
    static func refusal(_ status: HTTPResponse.Status, _ text: String) -> ClassicAnswer {
        ClassicAnswer(status: status, body: Array(text.utf8))
    }
}

/// One request, taken apart.
struct ClassicRequest {
    let method: HTTPRequest.Method
    /// As the specifications write it, in lower case.
    let service: String
    let parameters: [(name: String, value: String)]
    let body: Data

    /// Names of parameters are not case-sensitive.
    subscript(name: String) -> String? {
        self.parameters.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// How requests are taken, let in, routed and answered.
extension EdlevoClassicStandIn {
    func respond(to request: Request, in context: StandInContext) async -> Response {
        // As it was when the request came: who was refused and has gone must not be let in when the fault is over.
        let faults = self.currentFaults
        if let delay = faults.delay {
            try? await Task.sleep(for: delay)
            // Who wrote has given up by now: it isn't done.
            if request.method != .get { return Response(status: .serviceUnavailable) }
        }
        var body = Data()
        if request.method == .post {
            // Who hung up in the middle of it has sent no document.
            guard let buffer = try? await request.body.collect(upTo: 64 << 20) else { return Response(status: .badRequest) }
            body = Data(buffer.readableBytesView)
        }
        let name = self.service(request.uri.path)
        let asked = ClassicRequest(
            method: request.method, service: name?.lowercased() ?? "?",
            parameters: EdlevoStandIn.pairs(request.uri.query ?? ""), body: body)
        let answer = await self.answer(asked, faults)
        self.log.note(
            RequestLog.Line(
                method: request.method.rawValue, path: name ?? "?",
                parameters: asked.parameters.map { $0.name.lowercased() }.sorted(), status: answer.status.code))
        if answer.isLost { try? await context.channel.close() }
        return self.response(answer, name ?? "?")
    }

    /// The service that a path names.
    private func service(_ path: String) -> String? {
        for api in ["Organization/12", "Person/6", "Personnel/8", "Absence/2", "Monitoring/1", "Calendar/2"] {
            let parts = api.split(separator: "/").map(String.init)
            let start = self.path.replacingOccurrences(of: "{api}", with: parts[0])
                .replacingOccurrences(of: "{version}", with: parts[1])
                .replacingOccurrences(of: "{service}", with: "")
            if path.lowercased().hasPrefix(start.lowercased()) { return String(path.dropFirst(start.count)) }
        }
        return nil
    }

    private func answer(_ request: ClassicRequest, _ faults: EdlevoClassicFaults) async -> ClassicAnswer {
        self.requestsServed += 1
        if faults.outage == .unavailable { return .refusal(.serviceUnavailable, "Service Unavailable") }
        if let throttle = faults.throttle, self.requestsServed % throttle.every == 0 {
            var answer = ClassicAnswer.refusal(.tooManyRequests, "")
            answer.retryAfter = throttle.retryAfter
            return answer
        }
        guard request.service != "?" else { return .refusal(.notFound, "") }
        guard request["LicenseKey"] == self.licenseKey, !faults.refusesKeys else {
            return .refusal(.forbidden, "LicenseKey is missing or wrong")
        }
        guard !self.closedServices.contains(request.service) else {
            return .refusal(.unauthorized, "LicenseKey does not support this endpoint")
        }
        switch request.method {
        case .get: return await self.get(request)
        case .post, .delete: return await self.write(request)
        default: return .refusal(.methodNotAllowed, "")
        }
    }

    /// A write as the faults have it.
    private func write(_ request: ClassicRequest) async -> ClassicAnswer {
        if request.method == .post { self.holdings.posted.append((request.service, request.body)) }
        self.writesServed += 1
        let number = self.writesServed
        if let most = self.currentFaults.breaksAfterWrites, number > most { return ClassicAnswer(isLost: true) }
        var answer = request.method == .post ? await self.post(request) : self.delete(request)
        // Never twice in a row for one: who asks again is answered. A document that is made again has another time.
        let body = String(decoding: request.body, as: UTF8.self).split(separator: "datetime>").enumerated()
            .filter { $0.offset != 1 }.map(\.element).joined()
        let mark = "\(request.service) \(request["attributeId"] ?? "") \(body)"
        if let every = self.currentFaults.losesReplyEvery, self.lostReplies.remove(mark) == nil, number % every == 0 {
            self.lostReplies.insert(mark)
            answer.isLost = true
        }
        return answer
    }

    private func get(_ request: ClassicRequest) async -> ClassicAnswer {
        let service = request.service
        switch service {
        case "getpersoninfo", "getaliaspersoninfo", "getpersoninfodelta", "getbuscardinformation", "getextraattributes":
            return await self.personInterface(request)
        default: break
        }
        guard
            let type = ClassicType.all.filter({ service.hasPrefix("get" + $0.fragment.lowercased()) })
                .max(by: { $0.fragment.count < $1.fragment.count })
        else { return .refusal(.notFound, "") }
        switch service.dropFirst(3 + type.fragment.count) {
        case "organization": return await self.organization(type, request)
        case "units": return await self.organization(type, request, unitsOnly: true)
        // Pedagogical care has none (9.2).
        case "organizationdelta" where type.code != "PC": return await self.changes(type, request)
        case "personnel": return await self.personnel(type, request)
        case "absence": return await self.absences(type, request, isPresence: false)
        case "presence": return await self.absences(type, request, isPresence: true)
        case "calendarevents": return await self.calendar(type, request)
        default: return .refusal(.notFound, "")
        }
    }
}

/// Why a request is refused.
struct ClassicRefusal: Error {
    let text: String
}
