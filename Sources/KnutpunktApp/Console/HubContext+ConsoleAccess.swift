import Connectors
public import Console
import Foundation
public import Hub
import SchoolRecords

/// Who gets in to the web console.
extension HubContext {
    /// What lets people in to the console and keeps others out, as the configuration says.
    ///
    /// - Throws: ``AppError`` (`configuration`) when the client's secret can't be had.
    public func consoleAccess(clock: HubClock = .system) throws -> ConsoleAccess {
        let console = self.configuration.console
        let isSecure = console.isSecure
        let openID = try console.openID.map { settings in
            OpenIDSignIn(
                try self.withSecret(settings), accounts: self.store, key: self.key, isSecure: isSecure,
                transport: Self.openIDTransport(WebCalls()), clock: clock, logger: self.logger)
        }
        return ConsoleAccess(
            sessions: SessionKeeper(store: self.store, limits: console.limits, isSecure: isSecure, clock: clock),
            accounts: console.hasAccounts
                ? LocalSignIn(store: self.store, key: self.key, isSecure: isSecure, clock: clock, logger: self.logger) : nil,
            openID: openID,
            origin: OriginGuard(publicURL: console.publicURL),
            headers: SecurityHeaders(isSecure: isSecure),
            behindProxy: console.behindProxy, clock: clock)
    }

    static func openIDTransport(_ calls: WebCalls) -> OpenIDTransport {
        { call in
            let reply = try await calls.send(to: call.url, headers: call.headers, body: call.form.map { Data($0.utf8) })
            return OpenIDReply(status: reply.status, body: reply.body)
        }
    }

    private func withSecret(_ settings: OpenIDSettings) throws -> OpenIDSettings {
        guard let secret = self.configuration.console.openIDSecret else { return settings }
        let reference: JSONValue =
            switch secret {
            case .file(let path): ["file": .string(path)]
            case .environment(let name): ["env": .string(name)]
            }
        var settings = settings
        do {
            settings.clientSecret = try SettingSecret.text(reference, setting: "console.oidc.client_secret")
        } catch {
            throw AppError(.configuration, "\(error)", cause: error)
        }
        return settings
    }
}
