import Foundation
import SchoolRecords

extension SCIMSettings {
    /// Reads the settings of a SCIM 2.0 server.
    ///
    /// ```yaml
    /// connector: scim
    /// connection:
    ///   base_url: https://server.example/scim/v2   # resources are right below it
    ///   authorization: bearer             # or api_key, or none beside a client certificate
    ///   token: {file: /run/secrets/egil}  # or {env: NAME}; sent as Authorization: Bearer; looked up at each call
    ///   api_key: {env: EGIL_KEY}          # for api_key
    ///   api_key_header: X-API-Key
    ///   client_certificate: client.pem    # mutual TLS: PEM, with client_key
    ///   client_key: client.key            # PEM, not encrypted
    ///   ca: ca.pem                        # trust these certificates and no others
    ///   media_type: application/scim+json
    /// update: put                         # or patch: only what differs; the object is read first
    /// ids: external                       # or server: the server gives ids of its own, objects are looked up by externalId
    /// check_versions: false               # true: a change says which version it is of (If-Match); the object is read first
    /// page_limit: 200                     # objects asked for on a page, 1 to 10000
    /// batch_size: 500                     # records in one batch, 1 to 10000
    /// parallel_calls: 1                   # calls under way at the same time, 1 to 32
    /// request_timeout_seconds: 120        # 0.1 to 600
    /// maximum_reply_mebibytes: 64         # 1 to 1024
    /// resources:                          # in the order in which objects are written; removals go the other way
    ///   - kind: group                     # the rows' kind in the mapping
    ///     key: id                         # the field that is a row's key, and the object's externalId
    ///     path: StudentGroups
    ///     schemas: ["urn:scim:schemas:extension:sis:school:1.0:StudentGroup"]
    ///     delete: true
    ///     required: [name]
    ///     body:                           # {field}, {field:integer}, …, as for ss12000_rest
    ///       displayName: "{name}"
    ///       owner: {value: "{unit}", $ref: SchoolUnits}   # $ref is the path; the value is added to it
    ///     lists:                          # rows that are elements of a list in the object
    ///       - kind: member
    ///         of: group                   # their field with the key of the object
    ///         key: [group, person]        # the fields of their key, as in the mapping
    ///         path: [studentMemberships]  # where the list is in the object
    ///         body: {value: "{person}", $ref: Users}
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        reader.allowOnly(
            [
                "base_url", "authorization", "token", "api_key", "api_key_header", "client_certificate", "client_key", "ca",
                "media_type",
            ], in: "connection")
        self.baseURL = reader.address("connection.base_url")
        self.tls = SS12000Settings.tls(&reader)
        self.authorization = Self.authorization(&reader)
        self.mediaType = reader.text("connection.media_type", default: "application/scim+json")
        self.update = reader.choice("update", of: Update.allCases.map { ($0.rawValue, $0) }, default: .put)
        self.ids = reader.choice("ids", of: IDs.allCases.map { ($0.rawValue, $0) }, default: .external)
        self.checksVersions = reader.flag("check_versions", default: false)
        self.pageLimit = reader.count("page_limit", in: 1...10_000, default: 200)
        self.batchSize = reader.count("batch_size", in: 1...10_000, default: 500)
        self.parallelCalls = reader.count("parallel_calls", in: 1...32, default: 1)
        self.requestTimeout = .seconds(reader.seconds("request_timeout_seconds", in: 0.1...600, default: 120))
        self.maximumReplyBytes = reader.count("maximum_reply_mebibytes", in: 1...1024, default: 64) << 20
        self.resources = SCIMResource.read(&reader)
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    private static func authorization(_ reader: inout SettingsReader) -> Authorization {
        switch reader.choice(
            "connection.authorization", of: ["none", "bearer", "api_key"].map { ($0, $0) }, default: "none")
        {
        case "bearer": return .bearer(reader.secret("connection.token", allowsPlain: false))
        case "api_key":
            let header = reader.text("connection.api_key_header", default: "X-API-Key")
            let isName = header.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
            if !isName { reader.complain("connection.api_key_header", "must be the name of a header, such as X-API-Key") }
            return .key(header: header, reader.secret("connection.api_key", allowsPlain: false))
        default: return .none
        }
    }
}
