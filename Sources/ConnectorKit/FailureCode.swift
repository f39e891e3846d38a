extension ConnectorFailure {
    /// A stable word for fingerprints, logs and metrics. Each has a section of its own in `docs/operations/errors.md`.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        // The way there.
        case connectionRefused = "connection-refused"
        case unknownHost = "unknown-host"
        case connectTimedOut = "connect-timed-out"
        case timedOut = "timed-out"
        case connectionLost = "connection-lost"
        case connectionFailed = "connection-failed"
        case replyTooLarge = "reply-too-large"
        case notHTTP = "not-http"
        case serverCertificate = "server-certificate"
        case clientCertificate = "client-certificate"
        case tlsFailed = "tls-failed"
        case tooManyRequests = "too-many-requests"
        case serverError = "server-error"
        case redirected

        // Being let in.
        case secretMissing = "secret-missing"
        case secretRefused = "secret-refused"
        case tokenEndpointNotFound = "token-endpoint-not-found"
        case tokenRefused = "token-refused"
        case tokenUnreadable = "token-unreadable"
        case tokenNotAccepted = "token-not-accepted"
        case credentialsRefused = "credentials-refused"
        case accessDenied = "access-denied"
        case licenseMissing = "license-missing"
        case licenseLacksService = "license-lacks-service"
        case licenseRefused = "license-refused"

        // Reading a source.
        case endpointNotFound = "endpoint-not-found"
        case endpointNotSet = "endpoint-not-set"
        case entityNotSet = "entity-not-set"
        case serviceNotFound = "service-not-found"
        case requestRefused = "request-refused"
        case callRefused = "call-refused"
        case idRefused = "id-refused"
        case unexpectedStatus = "unexpected-status"
        case pageTokenRefused = "page-token-refused"
        case pageTruncated = "page-truncated"
        case pageLoop = "page-loop"
        case replyCutShort = "reply-cut-short"
        case notJSON = "not-json"
        case wrongShape = "wrong-shape"
        case documentUnreadable = "document-unreadable"
        case recordUnreadable = "record-unreadable"
        case recordWithoutID = "record-without-id"
        case anotherRecord = "another-record"
        case mergeWithoutIDs = "merge-without-ids"
        case fullReadNeeded = "full-read-needed"
        case subscriptionRefused = "subscription-refused"
        case subscriptionUnreadable = "subscription-unreadable"

        // Files from a source.
        case noFileYet = "no-file-yet"
        case takenFileUnreadable = "taken-file-unreadable"
        case wrongEncoding = "wrong-encoding"
        case headerMissing = "header-missing"
        case columnMissing = "column-missing"
        case columnTwice = "column-twice"
        case columnsDiffer = "columns-differ"
        case quoteWithoutEnd = "quote-without-end"
        case cutOff = "cut-off"
        case noDate = "no-date"
        case lineUnreadable = "line-unreadable"
        case keyMissing = "key-missing"
        case keyUnusable = "key-unusable"

        // Files to a system.
        case dropFolderMissing = "drop-folder-missing"
        case dropFolderNotWritable = "drop-folder-not-writable"
        case dropFolderFailed = "drop-folder-failed"
        case diskFull = "disk-full"
        case notCollected = "not-collected"
        case stateLost = "state-lost"
        case stateUnwritable = "state-unwritable"
        case batchID = "batch-id"
        case setIncomplete = "set-incomplete"
        case hookFailed = "hook-failed"

        // Rows that the mapping made.
        case unknownRowKind = "unknown-row-kind"
        case unknownField = "unknown-field"
        case requiredFieldMissing = "required-field-missing"
        case wrongForm = "wrong-form"
        case unusableKey = "unusable-key"
        case relationEndMissing = "relation-end-missing"
        case notEncodable = "not-encodable"
        case eppnUnusable = "eppn-unusable"

        // What a system says to a row.
        case rowRefused = "row-refused"
        case rowUnchangeable = "row-unchangeable"
        case rowServerError = "row-server-error"
        case rowTimedOut = "row-timed-out"
        case rowAccessDenied = "row-access-denied"
        case notFound = "not-found"
        case conflict
        case preconditionFailed = "precondition-failed"
        case writeNotOffered = "write-not-offered"
        case jsonNotTaken = "json-not-taken"
        case idNotKept = "id-not-kept"
        case personNotFound = "person-not-found"
        case replyLost = "reply-lost"
        case severalBusCards = "several-bus-cards"
        case busCardNotTaken = "bus-card-not-taken"
        case jobUnfinished = "job-unfinished"

        // Questions.
        case questionNotOffered = "question-not-offered"
        case questionRefused = "question-refused"
        case answerNotUnderstood = "answer-not-understood"
        case answerNotTaken = "answer-not-taken"
        case brokerFailed = "broker-failed"

        // Telling alarms.
        case alarmRefused = "alarm-refused"
        case mailRefused = "mail-refused"

        /// The word for a row whose call fails so each time, while the system takes other calls.
        public var ofRow: Code {
            switch self {
            case .serverError: .rowServerError
            case .timedOut: .rowTimedOut
            case .accessDenied: .rowAccessDenied
            default: .rowRefused
            }
        }
    }
}
