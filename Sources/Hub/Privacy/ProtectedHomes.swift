import Foundation
import Mapping
import SchoolRecords

/// Where protected persons live, and who their guardians are: what others' addresses must not tell.
///
/// Keeps keyed hashes of addresses, no address.
struct ProtectedHomes: Sendable {
    private let key: HubKey
    private let rules: FamilyRules
    private var addresses: Set<String> = []
    /// Real ids, and opaque ones of those who are protected themselves.
    private var guardians: Set<String> = []
    private(set) var hasGrown = false

    init(key: HubKey, rules: FamilyRules) {
        self.key = key
        self.rules = rules
    }

    /// Learns of a protected person.
    mutating func add(_ person: JSONValue) {
        let before = self.addresses.count + self.guardians.count
        for address in person["addresses"]?.arrayValue ?? [] {
            if let hash = self.hash(address) { self.addresses.insert(hash) }
        }
        for responsible in person["responsibles"]?.arrayValue ?? [] {
            if let id = responsible["person"]?["id"]?.stringValue { self.guardians.insert(id) }
        }
        if self.addresses.count + self.guardians.count > before { self.hasGrown = true }
    }

    /// Learns of the homes of somebody protected whose own record had lost them (``hiddenHomes(in:)``).
    mutating func add(homes: some Sequence<String>) { self.addresses.formUnion(homes) }

    /// Where hashes of addresses that were taken out of a person's record are remembered, by the opaque id: should the person become
    /// protected, the record alone doesn't tell any more where that is.
    static let mark = "protected-home"

    /// The homes of a person from whose record an address is to be taken out; empty when none is.
    func hiddenHomes(in person: JSONValue) -> [String] {
        guard self.hidden(in: person) != person else { return [] }
        return Set((person["addresses"]?.arrayValue ?? []).compactMap(self.hash)).sorted()
    }

    /// What is remembered of these persons.
    static func remembered(_ store: any HubStore, of persons: some Sequence<String>) async throws -> [String: [String]] {
        var homes: [String: [String]] = [:]
        for person in persons {
            guard let text = try await store.mark(source: Self.mark, entity: person) else { continue }
            homes[person] = text.split(separator: " ").map(String.init)
        }
        return homes
    }

    /// What has been learnt has been worked into the register.
    mutating func settle() { self.hasGrown = false }

    /// A person's record without the addresses that would tell where somebody protected lives.
    func hidden(in person: JSONValue) -> JSONValue {
        guard let addresses = person["addresses"]?.arrayValue, !addresses.isEmpty else { return person }
        let isGuardian = !self.rules.addresses && person["id"]?.stringValue.map(self.guardians.contains) == true
        let kept = addresses.filter { address in
            if isGuardian { return false }
            guard !self.rules.sameAddress, !self.addresses.isEmpty, let hash = self.hash(address) else { return true }
            return !self.addresses.contains(hash)
        }
        guard kept.count < addresses.count else { return person }
        var result = person
        result["addresses"] = kept.isEmpty ? nil : .array(kept)
        return result
    }

    /// Street and postal code alone, however they are written; `nil` for an address without a street.
    private func hash(_ address: JSONValue) -> String? {
        guard let street = address["streetAddress"]?.stringValue, !street.isEmpty else { return nil }
        let text = "\(street)|\(address["postalCode"]?.stringValue ?? "")".lowercased().filter { $0.isLetter || $0.isNumber }
        return self.key.contentHash(Data("home/\(text)".utf8))
    }
}
