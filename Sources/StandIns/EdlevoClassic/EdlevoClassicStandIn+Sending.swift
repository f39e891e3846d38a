import Foundation
import Hummingbird
import NIOCore

/// How answers are sent, with the faults that are in documents.
extension EdlevoClassicStandIn {
    // MARK: Sending

    func response(_ answer: ClassicAnswer, _ service: String) -> Response {
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
        return Response(answer.status, headers, Array(answer.body), cutAfter: cut)
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
            if isPersonnel {
                return head.replacingOccurrences(of: "<properties>", with: "<egenskaper>").replacingOccurrences(
                    of: "</properties>", with: "</egenskaper>") + content + end
            }
            let properties = String(
                head.dropFirst(
                    head.distance(from: head.startIndex, to: head.range(of: "<properties>")?.lowerBound ?? head.endIndex)))
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
