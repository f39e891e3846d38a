import SchoolRecords

extension NewFailure {
    /// What the hub itself finds wrong with a message; mappings and connectors have words of their own. Each has a section of its
    /// own in `docs/operations/errors.md`.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// No message of the hub's contract.
        case undecodableMessage = "undecodable-message"
        /// Handed out many times and never settled.
        case deliveryLimit = "delivery-limit"
        /// The message's body is no record.
        case unreadableBody = "unreadable-body"
        /// A mapping asks for records again that it has been given.
        case unresolvableReference = "unresolvable-reference"
        /// A role is to be revoked that the hub never gave, of somebody whom the system doesn't know from it.
        case roleUnknown = "role-unknown"
        /// A field of a record isn't as SS 12000 has it.
        case invalidField = "invalid-field"
        /// What a source gave can't be read as a record.
        case unreadable
        /// A source names a person by an identity number that nobody has, or several.
        case personUnknown = "person-unknown"
        /// A source names a school unit by a code that none has, or several.
        case schoolUnitUnknown = "school-unit-unknown"
        /// What was refused earlier holds what the system isn't given any more.
        case formWithdrawn = "form-withdrawn"
        /// An absence over more days than a flow looks at.
        case absenceTooLong = "absence-too-long"
    }

    /// Where the remedy is written.
    public var runbook: String { Runbook.message(code: self.code) }
}

extension FailureGroup {
    /// Where the remedy is written.
    public var runbook: String { Runbook.message(code: self.code) }
}
