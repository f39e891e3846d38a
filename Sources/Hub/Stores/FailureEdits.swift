public import Foundation

/// A correction of one failed message: another content of the same record, for one system, once.
///
/// The register keeps what the source says: a correction gets a message through until the source has been mended.
public struct FailureEdit: Sendable, Hashable {
    /// The failed message's number.
    public let failure: Int64
    /// The state of the record that was corrected; a newer one goes as it is.
    public let sequence: Int64
    /// The record as it is to be sent, SS 12000 JSON.
    public let body: Data
    /// The names of the record's fields that differ from the original.
    public let fields: [String]
    public let reason: String
    public let person: String
    public let time: String
    public let needsApproval: Bool
    public let approver: String?

    public init(
        failure: Int64, sequence: Int64, body: Data, fields: [String], reason: String, person: String, time: String,
        needsApproval: Bool, approver: String? = nil
    ) {
        self.failure = failure
        self.sequence = sequence
        self.body = body
        self.fields = fields
        self.reason = reason
        self.person = person
        self.time = time
        self.needsApproval = needsApproval
        self.approver = approver
    }

    /// Whether it may be sent.
    public var isReleased: Bool { !self.needsApproval || self.approver != nil }
}

/// A correction can't be made, approved or undone.
public struct EditRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        /// There is no such failure.
        case unknown
        /// The failure is no longer open.
        case notOpen(FailedMessage.State)
        /// A replay has the message.
        case inReplay
        /// Somebody has corrected it already.
        case edited(by: String)
        /// The record has a newer state, or none.
        case overtaken
        /// It isn't corrected.
        case notEdited
        /// Who wrote it can't approve it.
        case ownEdit
    }

    public let failure: Int64
    public let reason: Reason

    public init(failure: Int64, reason: Reason) {
        self.failure = failure
        self.reason = reason
    }

    public var description: String {
        switch self.reason {
        case .unknown: "There is no failed message \(self.failure). See: knutpunkt failed list"
        case .notOpen(let state): "The message \(self.failure) is \(state.rawValue): there is nothing to correct."
        case .inReplay: "A replay has the message \(self.failure). Cancel it first: knutpunkt failed batches"
        case .edited(let person):
            "The message \(self.failure) has been corrected by \(person). Look at it, or undo it first: knutpunkt failed edit \(self.failure) --undo"
        case .overtaken: "The record of the message \(self.failure) has changed since it failed. Send it again as it is now."
        case .notEdited: "The message \(self.failure) is not corrected."
        case .ownEdit: "A correction is approved by somebody else than who wrote it."
        }
    }
}

/// Corrections of failed messages. Every call is one transaction, and is in the audit log.
public protocol FailureEdits: Sendable {
    /// Puts a correction in place; it is sent by the next replay of the message.
    ///
    /// - Throws: ``EditRefusal``; the second of two corrections is refused.
    func edit(_ edit: FailureEdit) async throws

    /// Lets a correction go that needs a second person.
    ///
    /// - Throws: ``EditRefusal``.
    func approveEdit(of failure: Int64, by person: String, time: String) async throws

    /// Takes a correction back. Possible until it is sent, and again when it has failed.
    ///
    /// - Throws: ``EditRefusal``.
    func undoEdit(of failure: Int64, by person: String, time: String) async throws

    /// The corrections of these failures, opened; those without one are left out.
    func edits(of failures: [Int64]) async throws -> [Int64: FailureEdit]
}
