public import SchoolRecords

extension OutboundMapping {
    /// The fields of the record that can be read back from the rows, e.g. `civicNo.value`; as the file declares them with
    /// `reversible: true`.
    public var reversibleFields: Set<String> {
        Set(self.rows.flatMap(\.reversals).map { $0.reversal.path.joined(separator: ".") })
    }

    /// The reversible fields of the record that the rows were made from: for every record that a mapping takes, what comes
    /// back is what stood there (identity numbers with twelve digits).
    ///
    /// - Returns: an object with those fields alone; those without a value aren't there.
    public func restored(from rows: [OutputRow]) -> JSONValue {
        var record: JSONValue = [:]
        for rule in self.rows where !rule.reversals.isEmpty {
            guard let row = rows.first(where: { $0.kind == rule.kind && $0.line == rule.position.line }) else { continue }
            for (name, reversal) in rule.reversals {
                if let text = row.fields[name], let value = reversal.read(text) { record.set(reversal.path[...], value) }
            }
        }
        return record
    }
}

extension JSONValue {
    fileprivate mutating func set(_ path: ArraySlice<String>, _ value: JSONValue) {
        guard let name = path.first else {
            self = value
            return
        }
        var member = self[name] ?? [:]
        member.set(path.dropFirst(), value)
        self[name] = member
    }
}
