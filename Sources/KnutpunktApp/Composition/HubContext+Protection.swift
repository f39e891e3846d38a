import ConnectorKit
public import Hub
import Mapping

extension HubContext {
    /// Carries out what people decide about protected persons.
    public func protector(clock: HubClock = .system) -> Protector {
        Protector(store: self.store, key: self.key, mappings: self.mappings, clock: clock)
    }

    /// Makes what each system is given of protected persons what it may be given now.
    func formKeeper(clock: HubClock) -> FormKeeper {
        FormKeeper(store: self.store, key: self.key, mappings: self.mappings, clock: clock)
    }

    /// What had left to a system, and whether the hub can take it back there.
    public struct Departure: Sendable, Encodable {
        public let system: String
        public let kind: String
        public let rows: Int
        /// Whether the system lets the hub remove such rows; `false`: somebody has to do it by hand there.
        public let isRemovable: Bool
    }

    /// What had left, system by system.
    public func departures(_ departed: [DepartedData]) -> [Departure] {
        // A system that isn't set up removes nothing.
        let targets = (try? self.connectors().targets) ?? []
        let removable = Dictionary(targets.map { ($0.system, $0.removableKinds) }, uniquingKeysWith: { first, _ in first })
        return departed.flatMap { data in
            data.rows.sorted { $0.key < $1.key }.map { kind, count in
                Departure(
                    system: data.system, kind: kind, rows: count,
                    isRemovable: removable[data.system]?.contains(kind) == true)
            }
        }
    }

    /// What a system may be given of protected persons, and is given now.
    public struct SystemClearance: Sendable, Encodable {
        public let system: String
        /// `level.kind` → what may be given.
        public let clearances: [String: String]
        /// How many records it is given now, by how much they show.
        public let given: [String: Int]
    }

    /// What systems may be given of protected persons, and are given now.
    public func clearances() async throws -> [SystemClearance] {
        let set = self.mappings.set
        var all: [SystemClearance] = []
        for system in set.systems.values.filter({ $0.target != nil }).map(\.name).sorted() {
            var clearances: [String: String] = [:]
            for level in ProtectionLevel.allCases {
                for kind in PersonKind.allCases {
                    let form = set.privacy.clearance(for: system, levels: [level], kinds: [kind]).form
                    clearances["\(level.rawValue).\(kind.rawValue)"] = form.rawValue
                }
            }
            var given: [String: Int] = [:]
            for form in try await self.store.livingForms(for: system) { given[form.form.rawValue, default: 0] += 1 }
            all.append(SystemClearance(system: system, clearances: clearances, given: given))
        }
        return all
    }
}
