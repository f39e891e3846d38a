import Hub

extension HubConfiguration {
    /// Reads the keys `retention.*`.
    ///
    /// - Returns: what is wrong.
    mutating func readRetention(_ text: (String) -> String?) -> [String] {
        var problems: [String] = []
        func days(_ key: String, _ usual: Int?) -> Int? {
            guard let written = text("retention.\(key)") else { return usual }
            if written == "never" { return nil }
            guard let days = Int(written), (1...36_500).contains(days) else {
                problems.append("retention.\(key): \"\(written)\" is no number of days from 1, nor never.")
                return usual
            }
            return days
        }
        self.retention.failuresDays = days("failures_days", self.retention.failuresDays)
        self.retention.archivedDays = days("archived_days", self.retention.archivedDays)
        self.retention.auditDays = days("audit_days", self.retention.auditDays)
        self.forgetting.goneDays = days("gone_days", self.forgetting.goneDays)
        self.forgetting.historyDays = days("history_days", self.forgetting.historyDays)
        self.forgetting.rolesDays = days("roles_days", self.forgetting.rolesDays)
        self.forgetting.changesDays = days("changes_days", self.forgetting.changesDays)
        return problems
    }
}
