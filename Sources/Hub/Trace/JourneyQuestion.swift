public import SchoolRecords

/// What somebody asks the way of.
public enum JourneyQuestion: Sendable, Hashable {
    /// A record, in one system or in all.
    case record(RecordKey, system: String?)
    /// A failed message's number.
    case failure(Int64)
    /// 32 hexadecimal digits.
    case trace(String)
    /// A person's or another record's id, or a message's.
    case id(String)

    /// Why a text is no question that can be answered. The text isn't repeated: it may be what it must not be.
    public enum Problem: Error, Sendable, Hashable {
        /// Identity numbers don't belong on a command line.
        case identityNumber
        case empty
        case noTrace
    }

    /// Reads `entity/id`, `system/entity/id`, `failure/17`, a trace's id, a whole `traceparent`, or an id.
    ///
    /// - Parameter today: tells the century of short identity numbers.
    public init(_ text: String, today: CalendarDate) throws(Problem) {
        for part in text.split(separator: "/") where (try? PersonalIdentityNumber(part, today: today)) != nil {
            throw .identityNumber
        }
        guard !text.isEmpty, !text.contains(where: \.isWhitespace), text.last != "/" else { throw .empty }
        let parts = text.split(separator: "/", maxSplits: 2).map(String.init)
        let rest = text.split(separator: "/", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        if parts.count == 2, parts[0] == "failure", let number = Int64(rest) {
            self = .failure(number)
        } else if parts.count > 1, let entity = Entity(rawValue: parts[0].lowercased()) {
            self = .record(RecordKey(entity, RecordKey.normalID(rest)), system: nil)
        } else if parts.count == 3, let entity = Entity(rawValue: parts[1].lowercased()) {
            self = .record(RecordKey(entity, RecordKey.normalID(parts[2])), system: parts[0])
        } else if let context = TraceContext(text) {
            self = .trace(context.traceID)
        } else if text.utf8.count == 55, text.split(separator: "-").count == 4 {
            throw .noTrace
        } else if text.utf8.count == 32, text.allSatisfy(\.isHexDigit) {
            guard TraceContext.message(ofID: text.lowercased()) != nil else { throw .noTrace }
            self = .trace(text.lowercased())
        } else {
            self = .id(RecordKey.normalID(text))
        }
    }
}
