import Crypto
import Foundation
public import Messaging

/// Encrypts what one system is given of protected persons, so that nobody between the store and that system's delivery can read it.
///
/// AES-256-GCM with a key of the system's own. What the message says of itself is bound to it: a body can't be put into another
/// message.
public struct ClearedSeal: Sendable {
    private let key: SymmetricKey
    private let system: String

    public init(key: HubKey, system: String) {
        self.key = key.clearedKey(for: system)
        self.system = system
    }

    /// The change as it may be published.
    public func sealed(_ change: RecordChange) throws -> RecordChange {
        var sealed = change
        sealed.isSealed = true
        sealed.body = try HubKey.seal(change.body, with: self.key, context: self.context(of: change))
        return sealed
    }

    /// - Throws: ``SealBroken``: it is for another system, or was changed.
    public func opened(_ change: RecordChange) throws -> RecordChange {
        var opened = change
        opened.body = try HubKey.open(change.body, with: self.key, context: self.context(of: change))
        return opened
    }

    private func context(of change: RecordChange) -> String {
        "\(self.system)|\(change.key)|\(change.operation.rawValue)|\(change.sequence)|\(change.id)"
    }
}
