import Foundation
import SchoolRecords

/// The `scimType` of a SCIM error (RFC 7644, 3.12). Its `detail` is never kept: it may hold a value of a person.
enum SCIMErrorType: String, Sendable {
    case invalidFilter, tooMany, uniqueness, mutability, invalidSyntax, invalidPath, noTarget, invalidValue, invalidVers,
        sensitive

    /// `nil` when the reply has none, or none of the standard's.
    init?(_ body: Data) {
        guard body.count <= 64 << 10, let text = (try? JSONValue(parsing: body))?["scimType"]?.stringValue else { return nil }
        self.init(rawValue: text)
    }

    /// What to do about it.
    var remedy: String {
        switch self {
        case .invalidFilter: "it does not take filters by externalId: set ids to external, if it keeps the ids it is given"
        case .tooMany: "a filter would give more than it gives: report it to the vendor"
        case .uniqueness: "something else there has a value that must be unique, such as the user name: correct one of them"
        case .mutability:
            "an attribute can't be changed there: take it out of the resource's body, or delete the object there first"
        case .invalidSyntax:
            "it does not understand the body: compare the resource's body and schemas with what its vendor documents"
        case .invalidPath, .noTarget:
            "a PATCH names an attribute that it lacks: correct the resource's body, or set update to put"
        case .invalidValue: "a value is missing or not of the kind that it takes: correct the mapping or the source"
        case .invalidVers: "it takes another version of SCIM: set connection.base_url to that of version 2"
        case .sensitive: "it takes no such query in an address: report it to the vendor"
        }
    }
}
