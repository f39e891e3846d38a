import ConnectorKit
import Connectors
import Hub
import SchoolAPI

extension HubContext {
    /// Whether clients that sign in by tokens of somebody else's can be let in, and notices be signed: asks for the issuers' keys and for
    /// a token.
    func apiVerdicts() async -> [Verdict] {
        let api = self.configuration.api
        guard api.listen != nil else { return [] }
        var verdicts: [Verdict] = []
        for client in api.clients {
            if case .tokens(let tokens) = client.signIn { verdicts.append(await self.keyVerdict(client.name, tokens)) }
            if !client.notifyTokens.isEmpty { verdicts.append(await self.noticeVerdict(client)) }
        }
        return verdicts
    }

    private func keyVerdict(_ client: String, _ tokens: APIConfiguration.Tokens) async -> Verdict {
        let subject = "client \(client)"
        do {
            let count = try await self.issuerKeys(clock: .system)[tokens.issuerKeys]?.probe() ?? 0
            return Verdict(
                subject: subject, grade: .ok,
                finding: "the issuer's keys (\(tokens.issuerKeys)) can be fetched: \(count) for ES256",
                remedy: nil)
        } catch {
            return Verdict(
                subject: subject, grade: .error,
                finding: "the issuer's keys (\(tokens.issuerKeys)) can't be fetched, or are none",
                remedy:
                    "Check api.clients.\(client).tokens.issuer_keys and .ca, and that the address can be reached from here. The client "
                    + "is let in as long as keys are known that were fetched within a day.")
        }
    }

    private func noticeVerdict(_ client: APIConfiguration.Client) async -> Verdict {
        let subject = "notices to \(client.name)"
        do {
            let tokens = try client.noticeTokens(self.logger)
            do {
                try await tokens?.probe()
            } catch {
                await tokens?.shutdown()
                throw error
            }
            await tokens?.shutdown()
            return Verdict(subject: subject, grade: .ok, finding: "a token for them can be had", remedy: nil)
        } catch {
            return Verdict(
                subject, error,
                remedy: "Correct api.clients.\(client.name).notify_tokens in the configuration. Notices wait meanwhile.")
        }
    }
}
