public import ConnectorKit

/// How a receiving system is told to misbehave in a contract.
public enum TargetFault: String, Sendable, Hashable, CaseIterable {
    /// It can't be reached.
    case away
    /// It has no room for what is written.
    case full
    /// It takes writes and doesn't work them off, up to a bound.
    case notWorkingOff
    /// Every call is answered with a server error.
    case failing
    /// Every call takes longer than the connector under test waits.
    case slow
    /// Some calls are refused because there are too many.
    case tooManyRequests
    /// The credentials are no longer good.
    case expiredCredentials
    /// What lets calls in ends in the middle of a batch, again and again.
    case tokenDiesMidRun
    /// Some writes are done and their replies never come.
    case lostReplies
    /// It is cut off in the middle of a batch, and stays away.
    case breaksOff
    /// What it holds carries fields that nobody asked for.
    case unknownFields
    /// One page of what it holds comes cut short; asked for again it is whole.
    case truncatedPage
    /// What it holds comes in another shape than it should.
    case wrongSchema
    /// What it holds comes in another encoding than it says, once.
    case wrongEncoding
    /// What it holds comes twice.
    case duplicateRows
    /// Its clock is hours off.
    case clockSkew
}

/// A receiving system with a connector on it, as a contract sees them. It holds nothing at the start.
public protocol TargetHarness: Sendable {
    /// The faults it can show.
    var faults: Set<TargetFault> { get }

    /// A connector that writes to this system.
    func connector() async throws -> any TargetConnector

    /// What it holds once everything that was written has been worked off.
    func held() async throws -> Set<TargetRow>

    /// Misbehaves from now on; `nil` behaves again.
    func misbehave(_ fault: TargetFault?) async throws

    /// A row of an object that can be written without another; the same number gives the same key.
    ///
    /// - Parameter version: another version has other fields.
    func object(_ number: Int, version: Int) -> TargetRow

    /// A removable row that refers to the object of the same number.
    func relation(_ number: Int) -> TargetRow

    /// A row that the system can't express; `nil` when there is none.
    var unwritable: TargetRow? { get }

    /// How many rows came that were written before and changed nothing, outside of repeated batches; `nil` when unknown.
    func needlessWrites() async throws -> Int?
}
