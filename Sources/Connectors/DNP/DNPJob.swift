import ConnectorKit
import Foundation
import SchoolRecords

/// A bulk job as Skolverket tells of it.
struct DNPJob: Sendable {
    /// How one object of it fared.
    enum Outcome: Sendable {
        case success
        case warning([DNPLogEntry])
        case error([DNPLogEntry])
        case temporaryError
    }

    /// By id; without those that are still pending.
    let outcomes: [String: Outcome]
    let isDone: Bool

    /// - Parameter expected: the ids that were sent.
    /// - Returns: `nil` for a reply of another shape.
    init?(_ document: JSONValue, expected: [String]) {
        guard let responses = document["responses"]?.arrayValue else { return nil }
        var outcomes: [String: Outcome] = [:]
        for response in responses {
            guard let id = response["id"]?.stringValue.map(RecordKey.normalID), let answer = response["response"] else {
                return nil
            }
            func entries(_ name: String) -> [DNPLogEntry] { (answer[name]?.arrayValue ?? []).compactMap(DNPLogEntry.init) }
            switch answer["status"]?.stringValue {
            case "Success": outcomes[id] = .success
            case "Warning": outcomes[id] = .warning(entries("warnings"))
            case "Error": outcomes[id] = .error(entries("errors"))
            case "TemporaryError": outcomes[id] = .temporaryError
            case "Pending", nil: break
            default: return nil
            }
        }
        self.outcomes = outcomes
        self.isDone = expected.allSatisfy { outcomes[$0] != nil }
    }
}

/// Objects or ids as bodies of calls, none larger than allowed.
enum DNPCalls {
    struct Part: Sendable {
        let ids: [String]
        let elements: [[UInt8]]

        /// `{"data":[…]}`
        var body: [UInt8] {
            var body = Array("{\"data\":[".utf8)
            for (place, element) in self.elements.enumerated() {
                if place > 0 { body.append(UInt8(ascii: ",")) }
                body += element
            }
            return body + Array("]}".utf8)
        }

        /// Two halves; `nil` when there is but one element.
        var halves: [Part]? {
            guard self.ids.count > 1 else { return nil }
            let half = self.ids.count / 2
            return [
                Part(ids: Array(self.ids[..<half]), elements: Array(self.elements[..<half])),
                Part(ids: Array(self.ids[half...]), elements: Array(self.elements[half...])),
            ]
        }
    }

    private static let frame = #"{"data":[]}"#.utf8.count

    /// In order, as few parts as there can be. What is too large by itself is a part of its own.
    static func parts(_ elements: [(id: String, json: JSONValue)], mostBytes: Int) -> [Part] {
        var parts: [Part] = []
        var (ids, bodies, size) = ([String](), [[UInt8]](), Self.frame)
        for (id, json) in elements {
            let bytes = Array(json.canonicalData)
            let more = bytes.count + (bodies.isEmpty ? 0 : 1)
            if !bodies.isEmpty, size + more > mostBytes {
                parts.append(Part(ids: ids, elements: bodies))
                (ids, bodies, size) = ([], [], Self.frame)
            }
            size += bytes.count + (bodies.isEmpty ? 0 : 1)
            ids.append(id)
            bodies.append(bytes)
        }
        if !bodies.isEmpty { parts.append(Part(ids: ids, elements: bodies)) }
        return parts
    }
}
