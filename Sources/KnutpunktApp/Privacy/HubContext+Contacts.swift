import Hub
import SchoolRecords

extension HubContext {
    /// Somebody with a protected identity who waits to be contacted.
    public struct Contact: Sendable, Hashable, Encodable {
        /// The system that has the case.
        public let source: String
        public let caseNumber: String
        public let status: String?
        /// When the hub first saw the case, RFC 3339 in UTC.
        public let since: String
    }

    /// Everybody who waits, who has waited longest first.
    ///
    /// - Throws: when the store can't be read.
    public func contactRequests() async throws -> [Contact] {
        var contacts: [Contact] = []
        var last: String?
        while true {
            let page = try await self.store.liveRecords(of: .contactRequest, after: last, limit: 500)
            for record in page {
                let request = try ContactRequest(json: JSONValue(parsing: record.body))
                contacts.append(
                    Contact(source: record.source, caseNumber: request.caseNumber, status: request.status, since: record.time))
            }
            guard let end = page.last else { break }
            last = end.key.id
        }
        return contacts.sorted { ($0.since, $0.caseNumber) < ($1.since, $1.caseNumber) }
    }
}
