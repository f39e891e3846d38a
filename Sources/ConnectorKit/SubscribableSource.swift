public import Foundation
public import SchoolRecords

/// What a hub wants to be told of, and where.
public struct WantedSubscription: Sendable, Hashable {
    /// By which the hub knows its own among others at the source.
    public let name: String
    /// The address that the source posts notices to.
    public let target: String
    public let entities: Set<Entity>

    /// Describes a subscription to be had.
    public init(name: String, target: String, entities: Set<Entity>) {
        self.name = name
        self.target = target
        self.entities = entities
    }
}

/// A subscription as a source keeps it.
public struct SourceSubscription: Sendable, Hashable {
    public let id: String
    public let wanted: WantedSubscription
    /// When the source drops it unless it is renewed, by the source's clock.
    public let expires: Date

    /// Describes a subscription that is had.
    public init(id: String, wanted: WantedSubscription, expires: Date) {
        self.id = id
        self.wanted = wanted
        self.expires = expires
    }
}

/// A source that posts a notice when something has changed. A notice says at most of which kinds: it is a reason to read sooner,
/// never a reason not to read.
public protocol SubscribableSource: SourceConnector {
    /// What its settings ask for; `nil` when they ask for nothing.
    var wantedSubscription: WantedSubscription? { get }

    /// All subscriptions of this client, others' uses among them.
    ///
    /// - Throws: ``ConnectorFailure``.
    func subscriptions() async throws -> [SourceSubscription]

    /// Makes a subscription. Made again after a lost reply there may be two; who asks lists them and ends one.
    ///
    /// - Throws: ``ConnectorFailure``.
    func subscribe(_ wanted: WantedSubscription) async throws -> SourceSubscription

    /// Moves the end of a subscription; `nil` when the source no longer has it.
    ///
    /// - Throws: ``ConnectorFailure``.
    func renew(_ id: String) async throws -> SourceSubscription?

    /// Ends a subscription; one that isn't there is no error.
    ///
    /// - Throws: ``ConnectorFailure``.
    func unsubscribe(_ id: String) async throws
}
