import Crypto
import Foundation
import Hub

/// Seals and opens what the store keeps, and says where something can't be opened.
struct Seals: Sendable {
    let key: HubKey
    /// The database, as people know it.
    let place: String

    /// - Parameter context: table and key; the same when opening, so that no sealed text can stand in for another.
    func seal(_ data: Data, context: String) throws -> Data { try self.key.seal(data, context: context) }

    /// - Throws: ``StoreError`` `corrupt`.
    func open(_ sealed: Data, context: String) throws -> Data {
        try self.telling(context) { try self.key.open(sealed, context: context) }
    }

    /// Opens what is sealed with a person's data key.
    ///
    /// - Throws: ``StoreError`` `corrupt`.
    func open(_ sealed: Data, wrapped: Data, owner: String, context: String) throws -> Data {
        try self.telling(context) {
            try HubKey.open(sealed, with: self.key.dataKey(unwrapping: wrapped, owner: owner), context: context)
        }
    }

    /// - Throws: ``StoreError`` `corrupt`.
    func dataKey(unwrapping wrapped: Data, owner: String) throws -> SymmetricKey {
        try self.telling("data_key") { try self.key.dataKey(unwrapping: wrapped, owner: owner) }
    }

    private func telling<Result>(_ context: String, _ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as SealBroken {
            // Only the table: a source's ids can be anything.
            let table = context.prefix { $0 != "/" }
            throw StoreError(
                .corrupt,
                "\(self.place): sealed data in \(table) can't be opened: it was changed, or written with another hub key. "
                    + "Stop the hub and put back the latest copy of the data directory, with the key that belongs to it.",
                cause: error)
        }
    }
}
