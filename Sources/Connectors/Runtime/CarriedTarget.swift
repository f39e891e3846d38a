public import ConnectorKit

/// A receiving system to which what was written is carried by a program now and then, not with each batch.
public protocol CarriedTarget: TargetConnector {
    /// Carries what is due.
    ///
    /// - Returns: whether something was.
    /// - Throws: ``ConnectorFailure`` when it failed; asked again, it is tried again.
    func carry() async throws -> Bool
}
