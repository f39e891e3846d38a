import SQLiteDatabase
import Hub
import Mapping
import ConnectorKit
import Connectors
import Foundation
public import Logging
import Messaging
import RabbitMQBroker
import SQLStores
import SchoolRecords

/// One thing looked at, and what to do about it.
public struct Verdict: Sendable, Codable, Hashable {
    public enum Grade: String, Sendable, Codable { case ok, warning, error }
    /// What was looked at: `configuration`, `mappings`, `store`, `broker`, `system edlevo`.
    public let subject: String
    public let grade: Grade
    public let finding: String
    /// What to do; `nil` when there is nothing to do.
    public let remedy: String?
    /// Where more is written; `nil` when the finding is no error of a known kind.
    public let runbook: String?

    init(subject: String, grade: Grade, finding: String, remedy: String?, runbook: String? = nil) {
        self.subject = subject
        self.grade = grade
        self.finding = finding
        self.remedy = remedy
        self.runbook = runbook
    }

    /// What an error says; what to do for it, and where more is written.
    init(_ subject: String, _ error: any Error, remedy: String?) {
        self.init(
            subject: subject, grade: .error, finding: "\(error)", remedy: remedy,
            runbook: (error as? any DocumentedError)?.runbook)
    }
}

/// Looks at everything a hub needs: each part gets a verdict, whatever the others are like.
public struct Doctor: Sendable {
    private let configuration: HubConfiguration
    private let logger: Logger

    public init(_ configuration: HubConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    public func examine() async -> [Verdict] {
        var verdicts: [Verdict] = []
        do {
            let set = try HubContext.mappings(self.configuration, logger: self.logger)
            let failed = set.runExamples().filter { !$0.passed }
            verdicts.append(
                failed.isEmpty
                    ? Verdict(
                        subject: "mappings", grade: .ok,
                        finding: "\(self.configuration.mappingsDirectory): \(set.systems.count) systems, version \(set.version)"
                            + (set.inactive.isEmpty
                                ? "" : "; switched off: \(set.inactive.keys.sorted().joined(separator: ", "))"),
                        remedy: nil)
                    : Verdict(
                        subject: "mappings", grade: .error, finding: "\(failed.count) examples don't hold",
                        remedy: "Run: knutpunkt mapping test"))
        } catch {
            verdicts.append(Verdict("mappings", error, remedy: "Correct the files named; nothing else was changed."))
        }
        do {
            let context = try await HubContext.open(self.configuration, logger: self.logger)
            verdicts.append(await self.broker(context))
            verdicts.append(await self.store(context))
            verdicts += await self.heldChanges(context)
            verdicts += self.processing(context)
            verdicts += await self.systems(context)
            verdicts += await context.apiVerdicts()
        } catch {
            verdicts.append(await self.broker(nil))
            verdicts.append(
                Verdict(
                    "store", error,
                    remedy: "Check data.directory (\(self.configuration.dataDirectory)) and store.key_file."))
        }
        return verdicts
    }

    private func store(_ context: HubContext) async -> Verdict {
        do {
            let problems = try await context.database.integrityCheck()
            guard problems.isEmpty else {
                return Verdict(
                    subject: "store", grade: .error,
                    finding: "\(self.configuration.storePath): \(problems.joined(separator: "; "))",
                    remedy: "Stop the hub and put back the latest copy of the data directory.")
            }
            let free =
                try FileManager.default.attributesOfFileSystem(forPath: self.configuration.dataDirectory)[.systemFreeSize]
                as? Int64 ?? 0
            let mebibytes = free / 1_048_576
            return Verdict(
                subject: "store", grade: mebibytes < 500 ? .warning : .ok,
                finding: "\(self.configuration.storePath): sound, \(mebibytes) MiB free",
                remedy: mebibytes < 500 ? "Make room on the disk: below some hundred MiB the hub stops taking changes." : nil)
        } catch {
            return Verdict("store", error, remedy: "Check the disk and the rights on the data directory.")
        }
    }

    /// Nothing is said as long as nobody has accepted a register: there is nothing to hold the files against.
    private func processing(_ context: HubContext) -> [Verdict] {
        do {
            let state = try context.processing()
            guard let accepted = state.accepted, !state.widening.isEmpty else { return [] }
            return [
                Verdict(
                    subject: "processing", grade: .warning,
                    finding: "the mapping files give systems more personal data than was accepted \(accepted.time) "
                        + "(\(state.widening.count)); a running hub goes by version \(accepted.version)",
                    remedy: "Look at it, then decide: knutpunkt privacy register diff, knutpunkt privacy register accept")
            ]
        } catch {
            return [Verdict("processing", error, remedy: nil)]
        }
    }

    private func heldChanges(_ context: HubContext) async -> [Verdict] {
        var filter = HeldFilter()
        filter.states = [.held, .told]
        guard let held = try? await context.store.heldChanges(filter) else { return [] }
        return held.map { change in
            Verdict(
                subject: "held change \(change.id)", grade: .warning,
                finding:
                    "\(change.system) \(change.entity): \(change.updates) updates and \(change.deletes) deletions of \(change.living), "
                    + (change.state == .told ? "taken at once" : "held since \(change.firstAt)"),
                remedy: "Look at it, then decide: knutpunkt held show \(change.id)")
        }
    }

    private func broker(_ context: HubContext?) async -> Verdict {
        do {
            if let url = self.configuration.brokerURL {
                let drift = try await BrokerSource.connected(to: url, self.configuration, logger: self.logger) { broker in
                    try await broker.probe()
                    guard let context else { return [BrokerError]() }
                    return try await broker.drift(from: context.topology)
                }
                guard drift.isEmpty else {
                    return Verdict(
                        subject: "broker", grade: .error, finding: drift.map(\.message).joined(separator: "\n"),
                        remedy:
                            "The hub doesn't start before this is put right. docs/broker.md says how, without losing what is queued.",
                        runbook: drift.first?.runbook
                    )
                }
                return Verdict(
                    subject: "broker", grade: .ok, finding: "the broker of amqp.url answers and lets the hub in", remedy: nil)
            }
            try PrivateNode.checkInstallation()
            return Verdict(
                subject: "broker", grade: .ok, finding: "private node: rabbitmq-server is installed; the hub starts it by itself",
                remedy: nil)
        } catch let error as BrokerError {
            return Verdict("broker", error, remedy: self.remedy(error.code))
        } catch let error as AppError {
            return Verdict("broker", error, remedy: self.remedy(.misconfigured))
        } catch {
            return Verdict("broker", error, remedy: nil)
        }
    }

    private func remedy(_ code: BrokerError.Code) -> String {
        let byCertificate =
            self.configuration.brokerURL.flatMap { try? self.configuration.brokerSettings(url: $0) }?.usesCertificateLogin
            ?? false
        return switch code {
        case .notInstalled: "sudo apt install rabbitmq-server, or set amqp.url to a broker of yours."
        case .accessRefused where byCertificate:
            "Make a user named like the certificate at the broker, with rights in the virtual host of amqp.url; see docs/deploy.md, RabbitMQ over TLS."
        case .accessRefused: "Check user, password and virtual host in amqp.url."
        case .tlsFailed:
            "Check amqp.ca_file, the name in amqp.url, and the certificates on both sides; see docs/deploy.md, RabbitMQ over TLS."
        case .misconfigured: "Correct amqp.* in the configuration; docs/deploy.md shows them: A broker of your own."
        default: "Check that the broker runs and that host and port in amqp.url are right."
        }
    }

    private func systems(_ context: HubContext) async -> [Verdict] {
        var verdicts: [Verdict] = []
        for system in context.mappings.set.systems.keys.sorted() {
            do {
                let connections = try context.connectors(only: [system])
                for (source, _) in connections.sources {
                    do { try await source.probe() } catch { await source.shutdown(); throw error }
                    await source.shutdown()
                }
                for target in connections.targets { try await target.probe() }
                verdicts.append(
                    Verdict(subject: "system \(system)", grade: .ok, finding: "answers and lets the hub in", remedy: nil))
            } catch {
                let kind = (error as? ConnectorFailure)?.kind
                verdicts.append(
                    Verdict(
                        "system \(system)", error,
                        remedy: kind == .misconfigured || error is AppError
                            ? "Correct Mappings/\(system)/system.yaml or systems.\(system).* in the configuration."
                            : "Check that the system is up and can be reached from here; the hub waits for it meanwhile."))
            }
        }
        return verdicts
    }
}
