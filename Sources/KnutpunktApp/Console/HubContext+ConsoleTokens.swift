import Console
import Foundation
public import Hub
import Mapping

/// Tokens by which programs ask the API.
extension HubContext {
    /// What a token is to be.
    public struct TokenWish: Sendable, Hashable {
        public var roles: [String] = []
        /// Ids of school units; empty = all.
        public var units: [String] = []
        /// Systems; empty = all.
        public var systems: [String] = []
        /// The account in whose name it acts.
        public var account: String?
        /// The source whose records it may hand in.
        public var source: String?
        public var days = 90

        public init() {}
    }

    public func machineTokens() async throws -> [MachineToken] { try await self.store.machineTokens() }

    /// Makes a token.
    ///
    /// - Returns: the token itself, which is shown once and kept nowhere.
    /// - Throws: ``AppError`` (`configuration`, `not-found`, `not-allowed`).
    public func addToken(
        _ written: String, _ wish: TokenWish, by person: String, clock: HubClock = .system, language: Language
    ) async throws -> String {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        guard let name = MachineTokenText.name(written) else {
            throw AppError(
                .configuration,
                sv: "\"\(written)\" kan inte vara ett namn: a-z, 0-9, punkt, _ och -, 2-64 tecken, en bokstav först.",
                en: "\"\(written)\" can't be a name: a-z, 0-9, dot, _ and -, 2-64 of them, a letter first.")
        }
        guard (1...730).contains(wish.days) else {
            throw AppError(.configuration, sv: "--days: 1 till 730 dagar.", en: "--days: 1 to 730 days.")
        }
        guard !wish.roles.isEmpty || wish.source != nil else {
            throw AppError(
                .configuration, sv: "Nyckeln behöver minst en roll, eller en källa att lämna in poster för.",
                en: "The token needs a role, or a source to hand in records of.")
        }
        if let source = wish.source, self.mappings.set.systems[source]?.source == nil {
            throw AppError(.notFound, sv: "\(source) är ingen källa.", en: "\(source) is no source.")
        }
        if let account = wish.account, try await self.store.consoleAccount(account) == nil {
            throw AppError(.notFound, sv: "Det finns inget konto \(account).", en: "There is no account \(account).")
        }
        let token = MachineTokenText.make()
        let kept = MachineToken(
            name: name, digest: MachineTokenText.digest(token), account: wish.account,
            roles: wish.roles.isEmpty ? [] : try Self.roles(wish.roles, language),
            units: try Self.units(wish.units.isEmpty ? ["*"] : wish.units, language),
            systems: try self.systems(wish.systems.isEmpty ? ["*"] : wish.systems, language), source: wish.source,
            createdAt: clock.timestamp, createdBy: person,
            expiresAt: RFC3339.text(clock.now().addingTimeInterval(Double(wish.days) * 86_400)))
        guard try await self.store.add(kept, by: person, time: clock.timestamp) else {
            throw AppError(
                .configuration,
                sv: "Det finns redan en nyckel \(name). Ta bort den först: knutpunkt console token remove \(name)",
                en: "There is a token \(name) already. Remove it first: knutpunkt console token remove \(name)")
        }
        return token
    }

    /// Removes a token: from the next request on it is good no more.
    ///
    /// - Throws: ``AppError`` (`not-found`, `not-allowed`).
    public func removeToken(_ name: String, by person: String, clock: HubClock = .system) async throws {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        guard try await self.store.removeMachineToken(name, by: person, time: clock.timestamp) else {
            throw AppError(.notFound, sv: "Det finns ingen nyckel \(name).", en: "There is no token \(name).")
        }
    }
}
