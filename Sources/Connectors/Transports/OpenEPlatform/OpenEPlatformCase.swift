import ConnectorKit
import Foundation
import SchoolRecords

/// A case as a record's document: the XML's own elements, and what every mapping needs of them.
enum OpenEPlatformCase {
    /// The document: `Header` and `Values` as they are (a query's `Value` always as a list), and beside them `id`, `caseNumber`,
    /// `submittedAt` and `meta.modified` with a zone, which the platform's times lack.
    ///
    /// - Parameters:
    ///   - number: the case that was asked for.
    ///   - family: the e-service that it was listed for.
    /// - Throws: ``ConnectorFailure`` when it is another case's, or another e-service's.
    static func document(_ tree: XMLTree, id: String, number: String, family: String?) throws(ConnectorFailure) -> JSONValue {
        let header = tree["Header"]
        guard header?.value("FlowInstanceID") == number,
            family == nil || header?.value("Flow", "FamilyID").map({ $0 == family }) ?? true
        else {
            throw ConnectorFailure(
                .malformedReply, code: .anotherRecord, message: "a case's XML was answered with another case than was asked for")
        }
        var document = JSONValue(tree, lists: ["Value"])
        document["id"] = .string(id)
        document["caseNumber"] = .string(number)
        document["submittedAt"] = Self.instant(header, ["FirstSubmitted", "Posted"])
        if let modified = Self.instant(header, ["Updated", "LastSubmitted", "FirstSubmitted", "Posted"]) {
            document["meta"] = ["modified": modified]
        }
        return document
    }

    /// The document of a case of which nothing is asked for: its number, and the status that it was listed in.
    static func document(id: String, number: String, status: String?) -> JSONValue {
        var document: JSONValue = ["id": .string(id), "caseNumber": .string(number)]
        document["status"] = status.map { .string($0) }
        return document
    }

    private static func instant(_ header: XMLTree?, _ names: [String]) -> JSONValue? {
        names.lazy.compactMap { header?.value($0).flatMap { WallClock($0) } }.first.map { .string(Instant.text($0.date)) }
    }
}
