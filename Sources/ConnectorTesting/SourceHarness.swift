public import ConnectorKit
public import Foundation
public import SchoolRecords

/// How a source system is told to misbehave in a contract.
public enum SourceFault: String, Sendable, Hashable, CaseIterable {
    /// Nobody answers.
    case down
    /// Every call is answered with a server error.
    case failing
    /// Every call takes longer than the connector under test waits.
    case slow
    /// Some calls are refused because there are too many.
    case tooManyRequests
    /// The credentials are no longer good.
    case expiredCredentials
    /// What lets calls in ends in the middle of a read, again and again.
    case tokenDiesMidRun
    /// One page of the next read comes cut short; asked for again it is whole.
    case truncatedPage
    /// One page's connection breaks in the middle of it.
    case disconnectedPage
    /// One page comes as something else than data.
    case foreignPage
    /// One page is answered with a server error.
    case failedPage
    /// Pages that never end.
    case endlessPages
    /// Extra elements of ``SourceHarness/brokenEntity`` that can't be used.
    case brokenRecord
    /// Records that come twice.
    case duplicateRows
    /// Fields that no standard knows.
    case unknownFields
    /// Every list is empty.
    case empty
    /// One page comes in another encoding than it says; asked for again it is right.
    case wrongEncoding
    /// Every page comes in another shape than it should.
    case wrongSchema
    /// Its clock is hours off.
    case clockSkew
}

/// A source system with a connector on it, as a contract sees them.
///
/// It holds at least four records of each of the connector's entities, so that a read takes several pages.
public protocol SourceHarness: Sendable {
    /// The faults it can show.
    var faults: Set<SourceFault> { get }

    /// The entity with unusable elements under ``SourceFault/brokenRecord``, and how many of them have no key.
    var brokenEntity: Entity { get }
    var brokenElementsWithoutKey: Int { get }

    /// Texts that must stand in no failure: secrets, and values of persons that the system holds.
    var secrets: [String] { get async throws }

    /// A connector that reads this system in pages of a few records, and waits for nothing but replies.
    func connector() async throws -> any SourceConnector

    /// What the system holds of an entity now, by id, as a connector shall give it.
    func held(_ entity: Entity) async throws -> [String: JSONValue]

    /// Changes one record.
    func change(_ key: RecordKey) async throws

    /// Deletes one record.
    func delete(_ key: RecordKey) async throws

    /// Misbehaves from now on; `nil` behaves again.
    func misbehave(_ fault: SourceFault?) async throws

    /// An instant before everything that the contract changes, about which the source still tells.
    var longAgo: Date { get }

    /// Everything that is gone with one record: itself, and what is made of it.
    func gone(with key: RecordKey) async throws -> Set<RecordKey>
}

extension SourceHarness {
    /// The beginning of time: most sources tell all deletions.
    public var longAgo: Date { Date(timeIntervalSince1970: 0) }

    /// Nothing but itself: in most sources each record stands alone.
    public func gone(with key: RecordKey) async throws -> Set<RecordKey> { [key] }
}
