/// What differs from one SS 12000 server to the next, within what the standard leaves open.
public struct ServerDialect: Sendable, Hashable {
    /// Where the entities are served, with a leading and no trailing slash.
    public var apiPath: String
    /// Where a token is had.
    public var tokenPath: String
    /// How the path of deleted entities is spelled. Edlevo has it in lower case, the standard as `deletedEntities`.
    public var deletedEntitiesPath: String
    /// Whether paths and names of query parameters must be spelled as the standard spells them.
    public var isCaseSensitive: Bool
    /// Elements on a page when the request has no `limit`.
    public var pageSize: Int
    /// A higher `limit` is answered with pages of this size.
    public var maximumPageSize: Int
    /// Whether the last page says `"pageToken":null`; otherwise it has no such member.
    public var saysNullPageToken: Bool
    /// Whether page tokens hold `+`, `/` and `=`, which must be percent-encoded in a query.
    public var hasRawPageTokens: Bool
    /// Whether objects have their members in another order, page token first, with white space between.
    public var reordersMembers: Bool
    /// Hours off UTC that time stamps are written with; `nil` writes `Z`.
    public var timestampOffset: Int?
    /// How long a token lasts, in seconds.
    public var tokenLifetime: Int
    /// How many requests a token is good for; `nil` sets no limit. A token that dies by count dies in the middle of a
    /// read without anybody having to wait for the clock.
    public var tokenUses: Int?
    /// Whether `expires_in` comes as a text.
    public var saysExpiryAsText: Bool
    /// Every so many API requests one is answered with 429; `nil` never.
    public var throttlesEvery: Int?
    /// The `Retry-After` of such an answer, in seconds.
    public var retryAfter: Int
    /// Whether records can be put to and deleted at their addresses. The standard has no such calls; systems with closed
    /// contracts are taken to have them.
    public var takesWrites = false
    /// Whether records can be posted to their lists and deleted, as the standard has it for absences, stays and their schedules.
    public var takesPosts = false
    /// Whether a posted record gets an id of the server's whatever id it brings.
    public var givesOwnIDs = false
    /// Whether it tells subscribers that something has changed.
    public var hasSubscriptions = false

    /// Edlevo as its documentation 1.4.0 describes it. Page sizes are not documented; these are a choice.
    public static let edlevo = ServerDialect(
        apiPath: "/WE.Education.IntegrationPortal.ExternalApi/api/v1",
        tokenPath: "/WE.Education.IdentityServer.Web/connect/token", deletedEntitiesPath: "deletedentities",
        isCaseSensitive: false, pageSize: 500, maximumPageSize: 1000, saysNullPageToken: true, hasRawPageTokens: false,
        reordersMembers: false, timestampOffset: nil, tokenLifetime: 3600, tokenUses: nil, saysExpiryAsText: false,
        throttlesEvery: nil, retryAfter: 1)

    /// Another SS 12000:2020 server, as different as the standard allows.
    public static let other = ServerDialect(
        apiPath: "/ss12000/v2.0", tokenPath: "/oauth2/token", deletedEntitiesPath: "deletedEntities",
        isCaseSensitive: true, pageSize: 17, maximumPageSize: 40, saysNullPageToken: false, hasRawPageTokens: true,
        reordersMembers: true, timestampOffset: 2, tokenLifetime: 300, tokenUses: 5, saysExpiryAsText: true,
        throttlesEvery: 4, retryAfter: 0)
}
