import Foundation
import SchoolRecords

/// The clients that sign in by tokens of somebody else's issuer, and how it is found which of them a token is for.
struct ForeignClients: Sendable {
    /// What a token is worth.
    enum Verdict: Sendable {
        case client(APIClient)
        case refused(TokenRefusal)
        /// It can't be told now, since the issuer's keys can't be had.
        case unknown
    }

    private struct Issuer: Sendable {
        let keys: IssuerKeys
        var clients: [(client: APIClient, tokens: ForeignTokens)]
    }

    private var issuers: [Issuer] = []

    init(_ clients: [APIClient]) {
        for client in clients {
            guard let tokens = client.foreignTokens else { continue }
            if let place = self.issuers.firstIndex(where: { $0.keys === tokens.keys }) {
                self.issuers[place].clients.append((client, tokens))
            } else {
                self.issuers.append(Issuer(keys: tokens.keys, clients: [(client, tokens)]))
            }
        }
    }

    var isEmpty: Bool { self.issuers.isEmpty }

    /// The client that a token is for. Nothing that it says counts before one of the issuers is seen to have signed it.
    ///
    /// - Parameter now: asked after keys have been fetched.
    func client(of text: some StringProtocol, now: () -> Date) async -> Verdict {
        guard let token = SignedToken(text) else { return .refused(.unsigned) }
        var refusal = TokenRefusal.unknownKey
        var isUnknown = false
        for issuer in self.issuers {
            switch await issuer.keys.key(token.keyID) {
            case .key(let key) where token.isSigned(by: key):
                return Self.client(of: token.claims, among: issuer, at: now())
            case .key: refusal = .signature
            case .away: isUnknown = true
            case .none, .fetch: break
            }
        }
        return isUnknown ? .unknown : .refused(refusal)
    }

    private static func client(of claims: JSONValue, among issuer: Issuer, at now: Date) -> Verdict {
        var refusals: [TokenRefusal] = []
        for (client, tokens) in issuer.clients {
            guard let refusal = tokens.objection(to: claims, at: now) else { return .client(client) }
            refusals.append(refusal)
        }
        // The one that came furthest is the one that was meant.
        let order = TokenRefusal.allCases
        return .refused(refusals.max { (order.firstIndex(of: $0) ?? 0) < (order.firstIndex(of: $1) ?? 0) } ?? .organisation)
    }
}
