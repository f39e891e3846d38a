import Foundation
import Mapping
import SchoolRecords
import Synchronization

/// The mappings of the project, which take longer to load than most tests to run: loaded once for each way in which tests want them.
enum ProjectMappings {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings")
        .standardized.path

    private static let loaded = Mutex<[JSONValue: MappingSet]>([:])

    /// Every system takes part, so that records of several sources can be told apart.
    ///
    /// - Parameter limits: of every system, instead of those in its file.
    static func set(limits: JSONValue? = nil) throws -> MappingSet {
        let kept = self.loaded.withLock { $0[limits ?? .null] }
        if let kept { return kept }
        let load = MappingSet.load(directory: self.directory) { _, settings in
            guard case .object(var members) = settings else { return settings }
            members["enabled"] = true
            guard let limits else { return .object(members) }
            let blocks = ["source", "target"].filter { members[$0] != nil }
            for block in blocks {
                guard case .object(var side)? = members[block] else { continue }
                side["limits"] = limits
                members[block] = .object(side)
            }
            if blocks.isEmpty { members["limits"] = limits }
            return .object(members)
        }
        guard let set = load.set else { throw TestProblem("the mappings don't load: \(load.diagnostics)") }
        self.loaded.withLock { $0[limits ?? .null] = set }
        return set
    }
}
