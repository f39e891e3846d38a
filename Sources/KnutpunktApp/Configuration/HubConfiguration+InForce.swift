public import Console
import Foundation
import Hub
import Logging
import Provisioning

/// What holds in the configuration, for people to read: never a secret.
extension HubConfiguration {
    /// Every key with what holds: what file, environment or flags say, or the default. Secrets, and what may hold one, are left out of
    /// the values.
    public var settingsInForce: [HubSetUp.Setting] {
        let defaults = Self.defaults
        let keys = ConfigurationKeys.known.sorted().map { key in
            let text = self.written(key)
            return HubSetUp.Setting(
                key: key, value: text.map { Self.shown(key, $0) } ?? defaults[key], isWritten: text != nil)
        }
        let systems = Set(self.systemKeys.map { ([$0.system] + $0.path).joined(separator: ".") }).sorted().compactMap { key in
            let key = "systems.\(key)"
            return self.written(key).map { HubSetUp.Setting(key: key, value: Self.shown(key, $0), isWritten: true) }
        }
        return keys + systems + self.namedSettings
    }

    /// What people have given names: how much there is of it.
    private var namedSettings: [HubSetUp.Setting] {
        func names(_ key: String, _ names: [String]) -> HubSetUp.Setting? {
            names.isEmpty ? nil : .init(key: key, value: names.sorted().joined(separator: ", "), isWritten: true)
        }
        return [
            names("failed.rules", self.replayRules.map(\.name)), names("api.clients", self.api.clients.map(\.name)),
        ].compactMap(\.self)
    }

    /// What holds where nothing is written, as far as it is a value.
    private static var defaults: [String: String] {
        let standard = HubConfiguration()
        let rules = standard.alarms.rules
        func text(_ number: Double) -> String { number == number.rounded() ? String(Int(number)) : String(number) }
        var defaults: [String: String] = [
            "data.directory": standard.dataDirectory, "mappings.directory": standard.mappingsDirectory,
            "log.level": standard.logLevel.rawValue, "log.format": "text", "api.behind_proxy": "false",
            "api.subscription_hours": String(standard.api.subscriptionHours), "failed.edits_need_approval": "false",
            "quality.daily": "false", "quality.hour": String(standard.quality.hour),
            "quality.keep_days": String(standard.quality.keepDays), "roles.schedule.daily": "false",
            "roles.schedule.hour": String(standard.roleSchedule.hour),
            "roles.schedule.remind_days": String(standard.roleSchedule.remindDays),
            "roles.schedule.daily_steps": String(standard.roleSchedule.dailySteps),
            "roles.schedule.daily_unit_steps": String(standard.roleSchedule.dailyUnitSteps),
            "reconcile.keep_days": String(standard.reconcileSchedule.keepDays),
            "console.behind_proxy": "false", "console.accounts": "true",
            "console.session.idle_minutes": text(standard.console.limits.idle / 60),
            "console.session.hours": text(standard.console.limits.whole / 3600),
            "alarms.down_minutes": text(rules.downMinutes), "alarms.silent_hours": text(rules.silentHours),
            "alarms.late_minutes": text(rules.lateMinutes), "alarms.failed_messages": String(rules.failedMessages),
            "alarms.error_rate_percent": text(rules.errorRatePercent),
            "alarms.disk_free_mebibytes": String(rules.diskFreeMebibytes), "alarms.language": standard.alarms.language.rawValue,
        ]
        defaults["retention.failures_days"] = standard.retention.failuresDays.map { String($0) }
        defaults["retention.archived_days"] = standard.retention.archivedDays.map { String($0) }
        defaults["retention.audit_days"] = standard.retention.auditDays.map { String($0) }
        defaults["retention.gone_days"] = standard.forgetting.goneDays.map { String($0) }
        defaults["retention.history_days"] = standard.forgetting.historyDays.map { String($0) }
        defaults["retention.roles_days"] = standard.forgetting.rolesDays.map { String($0) }
        defaults["retention.changes_days"] = standard.forgetting.changesDays.map { String($0) }
        return defaults
    }

    /// A value without what must not be seen: user and password in an address, what comes behind its host where that may be a secret
    /// itself, secrets that somebody has written in clear, test numbers.
    static func shown(_ key: String, _ text: String) -> String {
        let name = key.split(separator: ".").last.map(String.init) ?? key
        if key == "probe.identity_numbers" { return String(text.split(separator: ",").count) + " ×" }
        let isPlace = ["file", "env"].contains(name) || ["_file", "_env", "_url"].contains(where: name.hasSuffix)
        if !isPlace, ["secret", "password", "token", "key"].contains(where: name.contains) { return "•••" }
        guard text.contains("://"), var address = URLComponents(string: text) else {
            return text.contains("://") ? "•••" : text
        }
        (address.user, address.password, address.query, address.fragment) = (nil, nil, nil, nil)
        if name == "url", !key.hasPrefix("amqp"), !address.path.isEmpty { address.path = "/…" }
        return address.string?.removingPercentEncoding ?? "•••"
    }
}
