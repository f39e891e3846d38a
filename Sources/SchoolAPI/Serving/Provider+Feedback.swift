import Foundation
import Logging
import SchoolRecords

/// What clients report of their own: `POST /log/` and `POST /statistics/`.
extension Provider {
    /// Takes a report into the hub's log. Texts, ids and addresses in it can be about persons, and aren't logged.
    func feedback(_ request: APIRequest, isLog: Bool, _ view: ClientView) throws(APIError) -> APIReply {
        try request.demandNoParameters()
        let body = try request.json()
        func text(_ name: String, isRequired: Bool = false) throws(APIError) -> String? {
            guard let value = body[name] else {
                if isRequired { throw .missing(name) }
                return nil
            }
            guard let text = value.stringValue else { throw .badField(name, sv: "en text", en: "a text") }
            return text
        }
        func number(_ name: String) throws(APIError) -> Double {
            switch body[name] {
            case nil: throw .missing(name)
            case .integer(let number)?: return Double(number)
            // A whole number of any size is one.
            case .number(let number)? where number.rounded() == number: return number
            default: throw .badField(name, sv: "ett heltal", en: "a whole number")
            }
        }
        var metadata: Logger.Metadata = ["client": "\(view.client.name)"]
        if let name = try text("resourceType", isRequired: !isLog) {
            guard let entity = Self.resource(name) else {
                throw .badField("resourceType", sv: "en av standardens entiteter", en: "one of the standard's entities")
            }
            metadata["entity"] = "\(entity.rawValue)"
        }
        if let url = try text("resourceUrl"), URL(string: url)?.scheme == nil {
            throw .badField("resourceUrl", sv: "en adress", en: "an address")
        }
        if let time = try text("timeOfOccurance"), Instant(time) == nil { throw .noMoment("timeOfOccurance") }
        guard isLog else {
            for (name, count) in [("created", "newCount"), ("updated", "updatedCount"), ("deleted", "deletedCount")] {
                metadata[name] = "\(Int64(exactly: try number(count)).map(String.init) ?? "?")"
            }
            self.logger.info("A client tells what it took", metadata: metadata)
            return APIReply(status: 201)
        }
        let message = try text("message", isRequired: true) ?? ""
        _ = try text("messageType")
        if let id = try text("resourceId"), ListQuery.id(id) == nil { throw .noID("resourceId") }
        metadata["length"] = "\(message.count)"
        switch try text("severityLevel", isRequired: true) {
        case "Info": self.logger.info("A client reports something", metadata: metadata)
        case "Warning": self.logger.warning("A client reports a warning", metadata: metadata)
        case "Error": self.logger.error("A client reports an error", metadata: metadata)
        default: throw .badField("severityLevel", sv: "Info, Warning eller Error", en: "Info, Warning or Error")
        }
        return APIReply(status: 201)
    }
}

extension APIError {
    static func missing(_ name: String) -> APIError {
        .badRequest("bad-body", sv: "\(name) saknas.", en: "\(name) is missing.")
    }

    static func badField(_ name: String, sv: String, en: String) -> APIError {
        .badRequest("bad-body", sv: "\(name) är \(sv).", en: "\(name) is \(en).")
    }
}
