public import SchoolRecords

/// Who is told when records of some kinds change, as SS 12000's subscriptions say.
public struct ProviderSubscription: Sendable, Hashable {
    public let id: String
    /// The client that made it.
    public let client: String
    public let name: String
    /// Where notices are posted.
    public let target: String
    public let entities: Set<Entity>
    /// When it ends unless it is renewed, RFC 3339 in UTC.
    public var expires: String
    /// What it has been told of.
    public var told: [Entity: ChangeNumbers]
    /// How often in a row a notice couldn't be posted.
    public var attempts: Int
    /// When a notice may be posted again, RFC 3339 in UTC; `nil` = at once.
    public var due: String?

    public init(
        id: String, client: String, name: String, target: String, entities: Set<Entity>, expires: String,
        told: [Entity: ChangeNumbers], attempts: Int = 0, due: String? = nil
    ) {
        self.id = id
        self.client = client
        self.name = name
        self.target = target
        self.entities = entities
        self.expires = expires
        self.told = told
        self.attempts = attempts
        self.due = due
    }
}

/// The subscriptions of systems that fetch from the hub. Names and targets rest sealed: an address may hold a token.
public protocol ProviderSubscriptions: Sendable {
    /// Keeps a new one.
    ///
    /// - Parameter most: how many of the client's may be there with it.
    /// - Returns: whether there was room.
    func add(_ subscription: ProviderSubscription, atMost most: Int) async throws -> Bool

    /// The subscriptions of a client, or with `nil` of all, in the order of their ids after one, at most `limit`.
    func subscriptions(of client: String?, after id: String?, limit: Int) async throws -> [ProviderSubscription]

    /// One subscription; `nil` when there is none with this id.
    func subscription(_ id: String) async throws -> ProviderSubscription?

    /// Moves its end.
    ///
    /// - Returns: whether there was one.
    func renew(_ id: String, expires: String) async throws -> Bool

    /// Takes one away.
    ///
    /// - Returns: whether there was one.
    func remove(subscription id: String) async throws -> Bool

    /// Drops those that ended at this moment or before.
    ///
    /// - Returns: how many.
    @discardableResult
    func dropSubscriptions(expiredAt moment: String) async throws -> Int

    /// What has become of a notice: what the subscriber has been told of by now, and when to try again. Its end stays as it is.
    func noteNotice(_ id: String, told: [Entity: ChangeNumbers], attempts: Int, due: String?) async throws
}
