import Foundation
import Mapping
import SchoolRecords

/// What one system is given of protected persons now, for whoever maps records for it.
struct SystemForms: Sendable {
    /// By opaque key.
    private(set) var living: [RecordKey: ProtectedForm] = [:]
    /// Opaque ids of persons who don't stand in its lists of classes and groups.
    private var hidden: Set<String> = []

    /// Nothing.
    init() {}

    /// What the policy of these mappings and the vault allow both.
    static func read(_ store: any HubStore, system: String, _ mappings: MappingSet) async throws -> SystemForms {
        var forms = SystemForms()
        guard mappings.privacy.systems.contains(system) else { return forms }
        for form in try await store.livingForms(for: system) {
            forms.living[form.key] = form
            if form.key.entity == .person, !form.classLists { forms.hidden.insert(form.key.id) }
        }
        return forms
    }

    var isEmpty: Bool { self.living.isEmpty }

    /// What stands for a record that the vault holds; `nil` when the system has nothing of it.
    func document(of key: RecordKey) -> JSONDocument? {
        self.living[key].flatMap { try? JSONDocument(parsing: $0.body) }
    }

    /// A group without those who don't stand in its list there; any other record as it is.
    func trimmed(_ document: JSONDocument, of entity: Entity) -> JSONDocument {
        guard entity == .group, !self.hidden.isEmpty, let members = document.value["groupMemberships"]?.arrayValue else {
            return document
        }
        let kept = members.filter { $0["person"]?["id"]?.stringValue.map(self.hidden.contains) != true }
        guard kept.count < members.count else { return document }
        var group = document.value
        group["groupMemberships"] = .array(kept)
        return JSONDocument(group)
    }
}
