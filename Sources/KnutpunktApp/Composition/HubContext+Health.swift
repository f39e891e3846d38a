public import ConnectorKit
import Connectors
import Foundation
public import Hub
import Mapping
import Messaging
import Provisioning
import SchoolRecords

/// The hub's health: how it is read, where alarms are told, what commands show of it.
extension HubContext {
    /// Where alarms are told; the log is always among them.
    public func alarmSinks() -> [any AlarmSink] {
        let alarms = self.configuration.alarms
        var sinks: [any AlarmSink] = [LogSink(logger: self.logger)]
        if let webhook = alarms.webhook {
            sinks.append(WebhookSink(url: webhook.url, secretFile: webhook.secretFile, logger: self.logger))
        }
        if let mail = alarms.mail { sinks.append(MailSink(mail, logger: self.logger)) }
        if let desk = alarms.serviceDesk { sinks.append(ServiceDeskSink(desk, logger: self.logger)) }
        return sinks
    }

    /// What the running hub last wrote down of its health; `nil` when no hub has run here.
    public func health() -> AlarmState? {
        let state = AlarmFile(dataDirectory: self.configuration.dataDirectory).load()
        return state.reading == nil ? nil : state
    }

    /// Tells every place an alarm that is none, and that it is over.
    ///
    /// - Returns: the places with the error of those that it couldn't be told to.
    public func testAlarms(clock: HubClock = .system) async -> [(name: String, error: String?)] {
        let alarm = Alarm(
            .diskLow, "test", severity: .warning,
            text: Bilingual(
                sv: "Det här är ett prov: inget är fel.", en: "This is a test: nothing is wrong."),
            raised: clock.timestamp)
        var results: [(name: String, error: String?)] = []
        for sink in self.alarmSinks() {
            do {
                try await sink.tell(AlarmEvent(.raised, alarm, time: alarm.raised))
                try await sink.tell(AlarmEvent(.passed, alarm, time: clock.timestamp))
                results.append((sink.name, nil))
            } catch {
                results.append((sink.name, "\(error)"))
            }
            await sink.shutdown()
        }
        return results
    }

    /// Reads how this hub is.
    func healthReader(
        board: HealthBoard, broker: any Broker, targets: [String], sources: [String], clock: HubClock
    ) -> HealthReader {
        let directory = self.configuration.dataDirectory
        let delivery = Set(targets.map(HubTopology.deliveryQueue))
        return HealthReader(
            board: board, store: self.store, depth: { try await broker.depth(of: $0) }, targets: targets, sources: sources,
            queues: self.topology.queues.map(\.name).filter { !delivery.contains($0) },
            diskFree: {
                let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory)
                return (attributes?[.systemFreeSize] as? Int64).map { Int($0 / 1_048_576) }
            }, termBegins: { self.termBegins(near: $0) }, clock: clock)
    }

    func healthService(_ reader: HealthReader, clock: HubClock) -> HealthService {
        HealthService(
            reader: reader, rules: self.configuration.alarms.rules, sinks: self.alarmSinks(),
            memory: AlarmFile(dataDirectory: self.configuration.dataDirectory), clock: clock, logger: self.logger)
    }

    /// The term that begins within a fortnight of a day, where readiness is watched.
    private func termBegins(near date: CalendarDate) -> String? {
        guard self.configuration.roleSchedule.readyPercent != nil, let policy = self.mappings.set.roles else { return nil }
        return RoleAgenda(self.configuration.roleSchedule, policy: policy).term(near: date, within: 14)?.name
    }

    /// Why the hub doesn't do its work now; empty when it does.
    func unready(_ broker: any Broker) async -> [String] {
        var reasons: [String] = []
        do { try await broker.probe() } catch { reasons.append("broker: \(error)") }
        do { _ = try await self.store.backlog() } catch { reasons.append("store: \(error)") }
        return reasons
    }
}
