import ConnectorKit
import NIOSSL
import SchoolRecords

/// How one SS 12000:2020 server is reached and read.
struct SS12000Settings: HTTPServerSettings, Sendable {
    /// Without a slash at its end.
    var baseURL: String
    /// Empty, or with a leading and no trailing slash.
    var apiPath: String
    var tokenURL: String
    var clientID: SecretReference
    var clientSecret: SecretReference
    /// Own trust and client certificate; `nil` uses the machine's trust and no certificate.
    var tls: TLSConfiguration?
    /// The path of each entity that is read, without slashes.
    var endpoints: [Entity: String]
    /// `nil` when the server tells no deletions.
    var deletedEntitiesPath: String?
    /// What is asked to be told of; `nil` when nothing is.
    var subscription: WantedSubscription?
    /// Below the API's path.
    var subscriptionsPath: String
    var pageLimit: Int
    var requestTimeout: Duration
    /// The most bytes of one reply.
    var maximumReplyBytes: Int

    /// In load order.
    var entities: [Entity] { self.endpoints.keys.sorted() }
}
