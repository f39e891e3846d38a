import Foundation
import NIOSSL
import SchoolRecords

/// How Skolverket's test service is reached.
///
/// ```yaml
/// connector: dnp
/// connection:
///   base_url: https://api.skolverket.se/provtjanst/provisioning/v1
///   token_url: https://nutid-auth.sunet.se/transaction
///   entity_id: https://kommun.example   # in the TLS federation; without it the certificate's fingerprint is shown
///   client_certificate: client.pem      # PEM, with client_key; only on the loopback it may be missing
///   client_key: client.key
///   ca: ca.pem                          # optional: trust these certificates and no others
/// batch_size: 1000                      # records in one batch, 1 to 10000
/// group_units: members                  # or rows: the field unit of groups and activities
/// names_in_eppn: refuse                 # or send, with Skolverket's warning 3047
/// writes_per_second: 5                  # Skolverket's limits; never raise them without its word
/// reads_per_second: 10
/// call_kilobytes: 200
/// page_limit: 100                       # elements of a list or a look-up, 1 to 100
/// job_timeout_seconds: 900              # until a job that isn't done counts as an outage
/// request_timeout_seconds: 60
/// ```
struct DNPSettings: HTTPServerSettings, Sendable {
    /// Where the unit of a group comes from.
    enum GroupUnits: String, CaseIterable, Sendable {
        /// From where most of its members are enrolled: for sources whose groups belong to a school of several units.
        case members
        /// From the rows' field `unit`.
        case rows
    }

    /// Without a slash at its end.
    var baseURL: String
    var tokenURL: String
    /// The client as the token desk knows it: its entity id, or the certificate it shows.
    var clientKey: JSONValue
    var tls: TLSConfiguration?
    var batchSize: Int
    var groupUnits: GroupUnits
    var sendsNamesInEPPN: Bool
    var writesPerSecond: Int
    var readsPerSecond: Int
    /// The most bytes of one call's body.
    var callBytes: Int
    var pageLimit: Int
    var jobTimeout: Duration
    var requestTimeout: Duration
    var maximumReplyBytes: Int

    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        reader.allowOnly(
            ["base_url", "token_url", "entity_id", "client_certificate", "client_key", "ca"], in: "connection")
        self.baseURL = GNAPAccess.address("connection.base_url", &reader)
        self.tokenURL = GNAPAccess.address("connection.token_url", &reader)
        if [self.baseURL, self.tokenURL].contains(where: { $0.lowercased().hasPrefix("https:") }),
            reader.value("connection.client_certificate") == nil
        {
            reader.complain(
                "connection.client_certificate", "is missing; Skolverket lets in only clients with a certificate")
        }
        self.tls = SS12000Settings.tls(&reader)
        self.clientKey = GNAPAccess.clientKey(below: "connection", &reader)
        self.batchSize = reader.count("batch_size", in: 1...10_000, default: 1000)
        self.groupUnits = reader.choice(
            "group_units", of: GroupUnits.allCases.map { ($0.rawValue, $0) }, default: .members)
        self.sendsNamesInEPPN = reader.choice("names_in_eppn", of: [("refuse", false), ("send", true)], default: false)
        self.writesPerSecond = reader.count("writes_per_second", in: 1...100, default: 5)
        self.readsPerSecond = reader.count("reads_per_second", in: 1...100, default: 10)
        self.callBytes = reader.count("call_kilobytes", in: 1...10_000, default: 200) * 1000
        self.pageLimit = reader.count("page_limit", in: 1...100, default: 100)
        self.jobTimeout = .seconds(reader.seconds("job_timeout_seconds", in: 1...86_400, default: 900))
        self.requestTimeout = .seconds(reader.seconds("request_timeout_seconds", in: 0.1...3600, default: 60))
        self.maximumReplyBytes = reader.count("maximum_reply_mebibytes", in: 1...1024, default: 64) << 20
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    /// What tokens are asked for, and as whom.
    var access: GNAPAccess {
        GNAPAccess(tokenURL: self.tokenURL, clientKey: self.clientKey, type: "provisioning-api", location: self.baseURL)
    }
}
