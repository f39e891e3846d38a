import ConnectorKit
import Mapping
import Metrics

extension HealthReading {
    /// Sets the gauges of the metrics to this reading.
    func setGauges() {
        for target in self.targets {
            let system = [("system", target.system)]
            Gauge(label: "knutpunkt_queue_messages", dimensions: system).record(target.queued ?? 0)
            Gauge(label: "knutpunkt_oldest_message_seconds", dimensions: system).record(target.oldestSeconds)
            Gauge(label: "knutpunkt_target_down", dimensions: system).record(target.breaker == .open ? 1 : 0)
            Gauge(label: "knutpunkt_waiting_records", dimensions: system).record(target.waiting)
            Gauge(label: "knutpunkt_failed_messages", dimensions: system).record(target.failed)
        }
        for source in self.sources {
            let system = [("system", source.system)]
            Gauge(label: "knutpunkt_source_down", dimensions: system).record(source.isDown ? 1 : 0)
            if let silent = source.silentSeconds {
                Gauge(label: "knutpunkt_source_silent_seconds", dimensions: system).record(silent)
            }
        }
        let flows = FlowCatalog.names.filter { self.queues[HubTopology.flowQueue(of: $0)] != nil }
        for system in Set(self.sources.map(\.system) + self.targets.map(\.system) + flows + self.held.map(\.system)) {
            Gauge(label: "knutpunkt_held_changes", dimensions: [("system", system)])
                .record(self.held.count { $0.system == system })
        }
        Gauge(label: "knutpunkt_broker_up").record(self.isBrokerUp ? 1 : 0)
        Gauge(label: "knutpunkt_outbox_changes").record(self.outbox)
        Gauge(label: "knutpunkt_outbox_oldest_seconds").record(self.outboxSeconds)
        for (queue, count) in self.queues {
            Gauge(label: "knutpunkt_other_queue_messages", dimensions: [("queue", queue)]).record(count)
        }
        Gauge(label: "knutpunkt_role_plans_waiting").record(self.rolePlans.count)
        for unit in self.roles {
            let place = [("unit", unit.unit)]
            Gauge(label: "knutpunkt_role_staff", dimensions: place).record(unit.staff)
            Gauge(label: "knutpunkt_role_ready", dimensions: place).record(unit.ready)
        }
        let missing = self.roles.reduce(into: [String: Int]()) { $0.merge($1.missing, uniquingKeysWith: +) }
        for (reason, count) in missing {
            Gauge(label: "knutpunkt_roles_missing", dimensions: [("reason", reason)]).record(count)
        }
        if let free = self.diskFreeMebibytes { Gauge(label: "knutpunkt_disk_free_mebibytes").record(free) }
    }

    /// How many alarms of each kind are open; kinds without one are 0.
    static func setGauges(openAlarms alarms: [Alarm]) {
        for kind in Alarm.Kind.allCases {
            Gauge(label: "knutpunkt_alarms_open", dimensions: [("kind", kind.rawValue)])
                .record(alarms.count { $0.kind == kind })
        }
    }
}
