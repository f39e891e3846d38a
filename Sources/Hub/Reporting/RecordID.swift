import Foundation

/// A record's id, small where it is a UUID: for holding very many at a time.
enum RecordID: Sendable, Hashable {
    case uuid(UUID)
    case text(String)

    init(_ id: String) { self = UUID(uuidString: id).map(Self.uuid) ?? .text(id) }
}
