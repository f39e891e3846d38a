public import Hub

/// Which OpenID provider people sign in with, and what its groups are in the console.
public struct OpenIDSettings: Sendable, Hashable {
    /// The provider, exactly as it calls itself, e.g. `https://login.microsoftonline.com/<tenant>/v2.0`.
    public var issuer: String
    public var clientID: String
    /// `nil` for a client that the provider lets in without one: then only PKCE ties the code to the console.
    public var clientSecret: String?
    /// The console's address, without a slash at the end, e.g. `https://hub.kommun.example`.
    public var publicURL: String
    /// Asked for beside `openid`.
    public var scopes: [String] = ["profile", "email"]
    /// The claim that people have in the audit log and the hub's permissions. Its value is written in small letters.
    public var nameClaim = "preferred_username"
    /// The claim with the groups: its name, or a path with dots, e.g. `realm_access.roles`.
    public var groupsClaim = "groups"
    /// Group → what its members are.
    public var roles: [String: Set<ConsoleRole>] = [:]
    /// Group → the school units that its members have to do with. When it is empty, everybody has all of them.
    public var units: [String: UnitScope] = [:]

    public init(issuer: String, clientID: String, clientSecret: String?, publicURL: String) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.publicURL = publicURL
    }

    /// Where the provider sends people back to: it must know this address.
    public var redirectURI: String { self.publicURL + OpenIDSignIn.callbackPath }

    /// What the members of some groups are together.
    func roles(of groups: Set<String>) -> Set<ConsoleRole> {
        groups.reduce(into: []) { $0.formUnion(self.roles[$1] ?? []) }
    }

    /// The units of the members of some groups.
    func units(of groups: Set<String>) -> UnitScope {
        guard !self.units.isEmpty else { return .all }
        var ids: Set<String> = []
        for group in groups {
            switch self.units[group] {
            case .all: return .all
            case .units(let units): ids.formUnion(units)
            case nil: break
            }
        }
        return .units(ids)
    }
}
