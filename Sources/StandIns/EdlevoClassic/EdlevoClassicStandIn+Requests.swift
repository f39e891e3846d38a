public import Foundation
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
        if let delay = self.currentFaults.delay {
            try? await Task.sleep(for: delay)
            // Nobody waits for the answer any more: what was asked isn't done.
            guard context.channel.isActive else { return Response(status: .serviceUnavailable) }
        }
        var body = Data()
        if request.method == .post, let buffer = try? await request.body.collect(upTo: 64 << 20) {
            body = Data(buffer.readableBytesView)
        }
        let name = self.service(request.uri.path)
        let asked = ClassicRequest(
            method: request.method, service: name?.lowercased() ?? "?",
            parameters: EdlevoStandIn.pairs(request.uri.query ?? ""), body: body)
        let answer = await self.answer(asked)
        self.log.note(
            RequestLog.Line(
                method: request.method.rawValue, path: name ?? "?",
                parameters: asked.parameters.map { $0.name.lowercased() }.sorted(), status: answer.status.code))
        self.bell.ring()
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

    private func answer(_ request: ClassicRequest) async -> ClassicAnswer {
        let faults = self.currentFaults
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
        // Never twice in a row for one: who asks again is answered.
        let mark = "\(request.service) \(request.body.count) \(request["attributeId"] ?? "") \(String(decoding: request.body.suffix(200), as: UTF8.self))"
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
        case "organizationdelta": return await self.changes(type, request)
        case "personnel": return await self.personnel(type, request)
        case "absence": return await self.absences(type, request, isPresence: false)
        case "presence": return await self.absences(type, request, isPresence: true)
        case "calendarevents": return await self.calendar(type, request)
        default: return .refusal(.notFound, "")
        }
    }

    // MARK: The organisation

    private var today: String { String(ClassicXML.time(self.now()).prefix(10)) }
    var made: String { ClassicXML.time(self.now()) }

    private func organization(_ type: ClassicType, _ request: ClassicRequest, unitsOnly: Bool = false) async -> ClassicAnswer {
        let day = request["SearchDate"].map { String($0.prefix(10)) } ?? self.today
        guard ClassicXML.date(day) != nil else { return .refusal(.badRequest, "SearchDate is not a date") }
        return .document(
            await self.complete(
                type, on: day, unitsOnly: unitsOnly,
                onlyUnit: request["UnitId"].map { RecordKey.normalID($0) }))
    }

    /// What the service for a school type gives of everything, without faults.
    public func completeDocument(_ code: String) async -> Data? {
        guard let type = ClassicType.all.first(where: { $0.code == code }) else { return nil }
        let export = ClassicExport(type, await self.register.content(), on: self.today)
        return Data(export.complete(made: self.made, start: "\(self.today)T00:00:00").utf8)
    }

    /// What the service for a school type's personnel gives, without faults.
    public func personnelDocument(_ code: String) async -> Data? {
        guard let type = ClassicType.all.first(where: { $0.code == code }) else { return nil }
        let content = await self.register.content()
        return Data(
            ClassicPersonnel.document(type, content, on: self.today, made: self.made, addsUnknown: false).utf8)
    }

    private func complete(_ type: ClassicType, on day: String, unitsOnly: Bool, onlyUnit: String?) async -> String {
        let content = await self.register.content()
        let export = ClassicExport(
            type, self.currentFaults.isEmpty ? ClassicContent([:]) : content, on: day, addsUnknown: self.currentFaults.addsUnknown)
        return export.complete(made: self.made, start: "\(day)T00:00:00", unitsOnly: unitsOnly, onlyUnit: onlyUnit)
    }

    /// - Returns: the moments asked about, or why they can't be.
    func window(_ request: ClassicRequest) -> Result<(start: Date, end: Date), ClassicRefusal> {
        guard let startText = request["StartDate"], let endText = request["EndDate"], let start = ClassicXML.date(startText),
            let end = ClassicXML.date(endText)
        else { return .failure(ClassicRefusal(text: "StartDate and EndDate are mandatory")) }
        let length = end.timeIntervalSince(start)
        if length < 300 { return .failure(ClassicRefusal(text: "EndDate - StartDate must be at least 5 minutes")) }
        // An hour more on the day when the clock is set back.
        if length > 86_400 + 3600 { return .failure(ClassicRefusal(text: "EndDate - StartDate must be at most 24 hours")) }
        if self.now().timeIntervalSince(end) < 299 {
            return .failure(ClassicRefusal(text: "EndDate must be at least 5 minutes before current time"))
        }
        if self.now().timeIntervalSince(start) > 30 * 86_400 {
            return .failure(ClassicRefusal(text: "StartDate must be at most 30 days before current time"))
        }
        return .success((start, end))
    }

    private func changes(_ type: ClassicType, _ request: ClassicRequest) async -> ClassicAnswer {
        let window: (start: Date, end: Date)
        switch self.window(request) {
        case .success(let found): window = found
        case .failure(let refusal): return .refusal(.badRequest, refusal.text)
        }
        // Times are whole seconds here: what happened within one belongs to it.
        func stamp(_ date: Date) -> Timestamp {
            Timestamp(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000 + 999_999)
        }
        let (start, end) = (stamp(window.start), stamp(window.end))
        let frame = (ClassicXML.time(window.start), ClassicXML.time(window.end))
        guard await self.register.hasChanges(after: start, upTo: end), !self.currentFaults.isEmpty else {
            return .document(
                ClassicExport.document(
                    type, kind: "DeltaOrganization", made: self.made, start: frame.0, end: frame.1, persons: [], groups: [],
                    memberships: []))
        }
        let before = await self.register.content(asOf: start)
        let after = await self.register.content(asOf: end)
        let changes = ClassicChanges(
            from: ClassicExport(type, before, on: self.today), to: ClassicExport(type, after, on: self.today),
            deleted: Set(before.persons.keys).subtracting(after.persons.keys))
        return .document(changes.document(made: self.made, start: frame.0, end: frame.1))
    }

    private func personnel(_ type: ClassicType, _ request: ClassicRequest) async -> ClassicAnswer {
        let content = await self.register.content()
        return .document(
            ClassicPersonnel.document(
                type, self.currentFaults.isEmpty ? ClassicContent([:]) : content,
                on: request["SearchDate"].map { String($0.prefix(10)) } ?? self.today, made: self.made,
                addsUnknown: self.currentFaults.addsUnknown))
    }

    // MARK: Sending

    private func response(_ answer: ClassicAnswer, _ service: String) -> Response {
        var answer = answer
        var cut: Int?
        var headers = HTTPFields()
        if answer.isDocument {
            self.documentsServed += 1
            let number = self.documentsServed
            let faults = self.currentFaults
            var xml = String(decoding: answer.body, as: UTF8.self)
            xml = self.disturbed(xml)
            // The byte order mark is what the services send.
            let says = faults.saysUTF16 ? "utf-16" : "utf-8"
            answer.body = [0xEF, 0xBB, 0xBF] + Array("<?xml version=\"1.0\" encoding=\"\(says)\"?>\n\(xml)".utf8)
            self.holdings.answered.append((service, Data(answer.body)))
            headers[.contentType] = "application/xml; charset=utf-8"
            if faults.failedDocument == number {
                answer = .refusal(.internalServerError, "Object reference not set to an instance of an object.")
            } else if faults.htmlDocument == number {
                headers[.contentType] = "text/html; charset=utf-8"
                answer.body = Array("<!DOCTYPE html><html><body><h1>Logga in</h1></body></html>".utf8)
            } else if faults.truncatedDocument == number {
                answer.body = Array(answer.body.prefix(answer.body.count / 2))
            } else if faults.latin1Document == number {
                answer.body = xml.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F }
            } else if faults.disconnectedDocument == number {
                cut = answer.body.count / 2
            }
        } else if !answer.body.isEmpty {
            headers[.contentType] = "text/plain; charset=utf-8"
        }
        if let seconds = answer.retryAfter { headers[.retryAfter] = String(seconds) }
        guard let cut else {
            return Response(
                status: answer.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        }
        let part = ByteBuffer(bytes: answer.body.prefix(cut))
        return Response(
            status: answer.status, headers: headers,
            body: ResponseBody(contentLength: answer.body.count) { writer in
                try await writer.write(part)
                throw StandInError(.notRunning, "told to disconnect in the middle of a document")
            })
    }

    /// A document of an organisation or personnel with the faults that are in documents as such.
    private func disturbed(_ xml: String) -> String {
        let faults = self.currentFaults
        guard faults.duplicates || faults.isOutOfOrder || faults.personsWithoutID > 0, let start = xml.range(of: "</properties>")
        else { return xml }
        let isPersonnel = xml.hasPrefix("<personnel")
        let end = isPersonnel ? "</personnel>" : xml.hasPrefix("<enterprise") ? "</enterprise>" : nil
        guard let end, let last = xml.range(of: end, options: .backwards) else { return xml }
        let head = String(xml[..<start.upperBound])
        var content = String(xml[start.upperBound..<last.lowerBound])
        if faults.isOutOfOrder {
            if isPersonnel { return head.replacingOccurrences(of: "<properties>", with: "<egenskaper>") .replacingOccurrences(of: "</properties>", with: "</egenskaper>") + content + end }
            let properties = String(head.dropFirst(head.distance(from: head.startIndex, to: head.range(of: "<properties>")?.lowerBound ?? head.endIndex)))
            return "<enterprise xmlns=\"http://open.tieto.com/edu/organization/v12\">" + content + properties + end
        }
        if faults.personsWithoutID > 0, !isPersonnel {
            let broken = "<person><sourcedid><source>X</source><id></id></sourcedid><name><fn>-</fn></name></person>"
            content = String(repeating: broken, count: faults.personsWithoutID) + content
        }
        if faults.duplicates, !isPersonnel {
            var parts: [String: String] = [:]
            for kind in ["person", "group", "membership"] {
                if let from = content.range(of: "<\(kind)"), let to = content.range(of: "</\(kind)>", options: .backwards) {
                    parts[kind] = String(content[from.lowerBound..<to.upperBound])
                }
            }
            content = ["person", "group", "membership"].map { (parts[$0] ?? "") + (parts[$0] ?? "") }.joined()
        }
        return head + content + end
    }
}

/// Why a request is refused.
struct ClassicRefusal: Error {
    let text: String
}
