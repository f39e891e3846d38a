import Foundation
import Hummingbird
import NIOCore

/// How requests are let in, routed and answered.
extension OpenEPlatformStandIn {
    private struct Answer {
        var status = HTTPResponse.Status.ok
        /// The document without its declaration; `nil` for an answer that is none.
        var xml: String?
        var retryAfter: Int?
    }

    func respond(to request: Request, in context: StandInContext) async -> Response {
        // As it was when the request came: who was refused must not be let in when the fault is over.
        let faults = self.faults
        if let delay = faults.delay { try? await Task.sleep(for: delay) }
        let steps = request.uri.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let parameters = EdlevoStandIn.pairs(request.uri.query ?? "")
        let answer = self.answer(request, steps, parameters, faults)
        self.log.note(
            RequestLog.Line(
                method: request.method.rawValue, path: steps.dropFirst(2).first ?? "?",
                parameters: parameters.map(\.name).sorted(),
                status: answer.status.code))
        return self.response(answer, faults)
    }

    private func answer(
        _ request: Request, _ steps: [String], _ parameters: [(name: String, value: String)], _ faults: OpenEPlatformFaults
    ) -> Answer {
        self.requestsServed += 1
        if faults.outage == .unavailable { return Answer(status: .serviceUnavailable) }
        if let throttle = faults.throttle, self.requestsServed % throttle.every == 0 {
            return Answer(status: .tooManyRequests, retryAfter: throttle.retryAfter)
        }
        let credentials = "Basic " + Data("\(self.user):\(self.password)".utf8).base64EncodedString()
        guard request.headers[.authorization] == credentials, !faults.refusesUsers else { return Answer(status: .unauthorized) }
        guard request.method == .get else { return Answer(status: .methodNotAllowed) }
        switch steps.count {
        case 5...6 where Array(steps.prefix(4)) == ["api", "instanceapi", "getinstances", "family"]:
            return self.list(steps[4], status: steps.count == 6 ? steps[5] : nil, parameters, faults)
        case 5 where Array(steps.prefix(3)) == ["api", "instanceapi", "getinstance"] && steps[4] == "xml":
            return self.instance(Int(steps[3]) ?? 0, faults)
        default: return Answer(status: .notFound)
        }
    }

    private func list(
        _ family: String, status: String?, _ parameters: [(name: String, value: String)], _ faults: OpenEPlatformFaults
    ) -> Answer {
        guard self.families.contains(family) else { return Answer(status: .notFound) }
        let values = Dictionary(parameters.map { ($0.name, $0.value) }) { first, _ in first }
        let status = status ?? values["status"]
        let found = self.held.values.filter { held in
            let day = String(ClassicXML.time(held.submitted).prefix(10))
            return held.family == family && status.map { held.status == $0 } ?? true && values["fromDate"] ?? "0" <= day
                && day <= values["toDate"] ?? "9"
        }
        var elements = faults.isEmpty ? [] : found.map(\.number).sorted().map { "<flowInstanceID>\($0)</flowInstanceID>" }
        if faults.emptyIsNotFound, elements.isEmpty { return Answer(status: .notFound) }
        if faults.duplicates { elements += elements }
        elements += Array(repeating: "<flowInstanceID></flowInstanceID>", count: faults.numberless)
        let root = faults.isOfAnotherShape ? "Instances" : "FlowInstances"
        return Answer(xml: "<\(root)>\(elements.map { "<FlowInstance>\($0)</FlowInstance>" }.joined(separator: "\n"))</\(root)>")
    }

    private func instance(_ number: Int, _ faults: OpenEPlatformFaults) -> Answer {
        guard let held = self.held[faults.answeredWith[number] ?? number], !faults.withoutXML.contains(number) else {
            return Answer(status: .notFound)
        }
        if faults.unreadable.contains(number) { return Answer(xml: "<FlowInstance><Header>") }
        var elements = held.elements
        if faults.isOfAnotherShape { elements.removeAll { $0.name == "Header" } }
        if faults.addsUnknown { elements.append(PlatformElement("Okänt", [PlatformElement("Nytt", "ja")])) }
        let space = self.form == .declared ? " xmlns=\"http://www.oeplatform.org/version/2.0/schemas/flowinstance\"" : ""
        return Answer(xml: "<FlowInstance\(space)>\(elements.map(Self.xml).joined())</FlowInstance>")
    }

    /// Texts stand in CDATA, as the platform writes them; dates and numbers don't.
    private static func xml(_ element: PlatformElement) -> String {
        let content: String
        if let text = element.text {
            let isPlain = text.allSatisfy { $0.isNumber || "-:T".contains($0) }
            content = isPlain ? text : "\n\t<![CDATA[\(text)]]>\n"
        } else {
            content = element.children.map(self.xml).joined(separator: "\n")
        }
        return "<\(element.name)>\(content)</\(element.name)>"
    }

    private func response(_ answer: Answer, _ faults: OpenEPlatformFaults) -> Response {
        var headers = HTTPFields()
        if let seconds = answer.retryAfter { headers[.retryAfter] = String(seconds) }
        guard let xml = answer.xml else { return Response(answer.status, headers, [], cutAfter: nil) }
        self.documentsServed += 1
        let number = self.documentsServed
        if faults.failedDocument == number { return Response(.internalServerError, headers, [], cutAfter: nil) }
        headers[.contentType] = "text/xml; charset=ISO-8859-1"
        var body = self.form == .bare ? Array(xml.utf8) : Self.latin1(xml)
        var declaration = self.form == .declared ? "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" standalone=\"no\"?>\n" : ""
        if faults.saysUTF8Document == number {
            declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            body = Self.latin1(xml)
        }
        body = Array(declaration.utf8) + body
        if faults.htmlDocument == number {
            headers[.contentType] = "text/html; charset=ISO-8859-1"
            body = Array("<!DOCTYPE html><html><body><h1>Logga in</h1></body></html>".utf8)
        }
        if faults.truncatedDocument == number { body = Array(body.prefix(body.count / 2)) }
        return Response(answer.status, headers, body, cutAfter: faults.disconnectedDocument == number ? body.count / 2 : nil)
    }

    private static func latin1(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F } }
}
