import NIOSSL

/// How one SCIM 2.0 server (RFC 7643, 7644) is reached, and how it takes objects.
struct SCIMSettings: HTTPServerSettings, Sendable {
    /// How calls are let in, beside a client certificate.
    enum Authorization: Sendable, Hashable {
        case none
        case bearer(SecretReference)
        case key(header: String, SecretReference)
    }

    /// How an object that is there is changed.
    enum Update: String, Sendable, CaseIterable {
        /// The whole object anew (RFC 7644, 3.5.1).
        case put
        /// Only what differs (RFC 7644, 3.5.2); the object is read first.
        case patch
    }

    /// By what an object is addressed.
    enum IDs: String, Sendable, CaseIterable {
        /// The server's `id` is the `externalId` that it is given.
        case external
        /// The server gives ids of its own: an object is looked up by its `externalId`.
        case server
    }

    /// Without a slash at its end.
    var baseURL: String
    /// Own trust and client certificate; `nil` uses the machine's trust and no certificate.
    var tls: TLSConfiguration?
    var authorization: Authorization
    var mediaType: String
    var update: Update
    var ids: IDs
    /// Whether a change says which version of the object it is of (`If-Match`).
    var checksVersions: Bool
    var pageLimit: Int
    var requestTimeout: Duration
    /// The most bytes of one reply.
    var maximumReplyBytes: Int
    var batchSize: Int
    /// Calls that are under way at the same time.
    var parallelCalls: Int
    /// In the order in which objects are written; removals go the other way.
    var resources: [SCIMResource]

    /// Whether an object is read before it is changed.
    var readsFirst: Bool { self.ids == .server || self.update == .patch || self.checksVersions }

    func resource(of kind: String) -> SCIMResource? { self.resources.first { $0.kind == kind } }

    /// The list whose elements are rows of a kind, and the resource that it stands in.
    func list(of kind: String) -> (resource: SCIMResource, list: SCIMList)? {
        for resource in self.resources {
            if let list = resource.lists.first(where: { $0.kind == kind }) { return (resource, list) }
        }
        return nil
    }
}
