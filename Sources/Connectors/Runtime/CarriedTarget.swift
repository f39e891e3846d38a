public import ConnectorKit

/// A receiving system to which what was written is carried by a program now and then, not with each batch.
public protocol CarriedTarget: TargetConnector {
    /// Makes what is to be carried of what has been written so far. Asked when nothing is on its way to the system, so that it is a whole.
    ///
    /// - Throws: ``ConnectorFailure`` when it can't be written; asked again, it is tried again.
    func prepare() async throws

    /// Carries what is due.
    ///
    /// - Returns: whether something was.
    /// - Throws: ``ConnectorFailure`` when it failed; asked again, it is tried again.
    func carry() async throws -> Bool
}
