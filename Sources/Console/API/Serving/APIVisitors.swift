import Hub

/// Finds out who asks: by the console's session, or by a token.
struct APIVisitors: Sendable {
    let gate: any ConsoleGate
    let store: any HubStore
    let clock: HubClock

    /// - Parameters:
    ///   - authorization: the headers `Authorization`.
    ///   - cookies: the header `Cookie` as it came.
    /// - Returns: `nil` when nobody is known by them.
    func visitor(authorization: [String], cookies: String?) async throws -> APIVisitor? {
        guard !authorization.isEmpty else {
            guard let guest = try await self.gate.guest(cookies: cookies) else { return nil }
            return APIVisitor(user: guest.user, csrf: guest.csrf, source: nil)
        }
        guard authorization.count == 1, let token = BearerToken.of(authorization[0]),
            let kept = try await self.store.machineToken(digest: Secrets.digest(token)), kept.expiresAt > self.clock.timestamp
        else { return nil }
        let roles = Set(kept.roles.compactMap(ConsoleRole.init(rawValue:)))
        guard let name = kept.account else {
            let user = ConsoleUser(
                name: "api/\(kept.name)", displayName: kept.name, roles: roles, units: kept.units, systems: kept.systems,
                signIn: .token)
            return APIVisitor(user: user, csrf: nil, source: kept.source)
        }
        guard let account = try await self.store.consoleAccount(name), !account.isLocked, self.gate.hasAccounts else {
            return nil
        }
        let user = ConsoleUser(
            name: account.name, displayName: account.displayName,
            roles: roles.intersection(account.roles.compactMap(ConsoleRole.init(rawValue:))),
            units: kept.units.common(with: account.units), systems: kept.systems.common(with: account.systems),
            signIn: .account(revision: account.revision))
        return APIVisitor(user: user, csrf: nil, source: kept.source)
    }
}

/// A token in a header (RFC 6750).
enum BearerToken {
    static func of(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        guard (20...200).contains(token.utf8.count), token.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else { return nil }
        return String(token)
    }
}

extension UnitScope {
    /// What both have.
    func common(with other: UnitScope) -> UnitScope {
        switch (self, other) {
        case (.all, _): other
        case (_, .all): self
        case (.units(let one), .units(let two)): .units(one.intersection(two))
        }
    }
}

extension Permissions.Scope {
    /// What both have.
    func common(with other: Permissions.Scope) -> Permissions.Scope {
        switch (self, other) {
        case (.all, _): other
        case (_, .all): self
        case (.systems(let one), .systems(let two)): .systems(one.intersection(two))
        }
    }
}
