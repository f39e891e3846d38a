import SchoolRecords

extension ServerDialect {
    /// A record's bytes as this server writes them; the stored bytes themselves where nothing differs.
    func bytes(of record: SyntheticRecord) -> [UInt8] {
        guard self.reordersMembers || self.timestampOffset != nil, var document = try? record.document() else {
            return record.bytes
        }
        if let offset = self.timestampOffset {
            document["meta"] = [
                "created": .string(record.stamps.created.text(offsetHours: offset)),
                "modified": .string(record.stamps.modified.text(offsetHours: offset)),
            ]
        }
        guard self.reordersMembers else { return Array(document.canonicalData) }
        var bytes: [UInt8] = []
        Self.append(document, to: &bytes)
        return bytes
    }

    /// Members from last to first by name, and white space wherever JSON allows it.
    private static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .object(let members):
            bytes.append(contentsOf: "{ ".utf8)
            for (position, member) in members.sorted(by: { $0.key > $1.key }).enumerated() {
                if position > 0 { bytes.append(contentsOf: " ,\n".utf8) }
                bytes.append(contentsOf: JSONValue.string(member.key).canonicalData)
                bytes.append(contentsOf: " : ".utf8)
                self.append(member.value, to: &bytes)
            }
            bytes.append(contentsOf: " }".utf8)
        case .array(let elements):
            bytes.append(contentsOf: "[".utf8)
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(contentsOf: " , ".utf8) }
                self.append(element, to: &bytes)
            }
            bytes.append(contentsOf: " ]".utf8)
        default: bytes.append(contentsOf: value.canonicalData)
        }
    }
}
