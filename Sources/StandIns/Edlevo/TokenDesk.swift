import Foundation

/// Gives out bearer tokens and knows which are good.
struct TokenDesk {
    private struct Grant {
        let expires: Date
        var usesLeft: Int?
    }

    private var grants: [String: Grant] = [:]
    private var given = 0

    /// How many tokens are still good by the clock.
    mutating func issue(lifetime: Int, uses: Int?, now: Date, secret: UInt64) -> String {
        self.given += 1
        var generator = SeededGenerator(seed: secret, index: self.given)
        let token = "standin.\(self.given).\(generator.uuid())"
        self.grants = self.grants.filter { $0.value.expires > now }
        self.grants[token] = Grant(expires: now.addingTimeInterval(Double(lifetime)), usesLeft: uses)
        return token
    }

    /// Whether a token is good; takes one of its uses.
    mutating func admits(_ token: String, now: Date) -> Bool {
        guard var grant = self.grants[token], grant.expires > now else { return false }
        if let uses = grant.usesLeft {
            guard uses > 0 else { return false }
            grant.usesLeft = uses - 1
            self.grants[token] = grant
        }
        return true
    }

    mutating func revokeAll() { self.grants = [:] }
}
