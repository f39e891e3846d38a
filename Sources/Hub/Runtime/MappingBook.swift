public import Mapping
import Synchronization

/// The mappings in force. Replaced as a whole: a batch is mapped by one version from beginning to end.
public final class MappingBook: Sendable {
    private let current: Mutex<MappingSet>

    public init(_ set: MappingSet) { self.current = Mutex(set) }

    public var set: MappingSet { self.current.withLock { $0 } }

    public func replace(with set: MappingSet) { self.current.withLock { $0 = set } }
}
