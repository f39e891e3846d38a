import Mapping
import Foundation
import SchoolRecords

/// Keeps what each system is given of protected persons as the policy, the marks and the consents of now allow.
///
/// It looks at what is, not at what changed: asked again it changes nothing, and whatever happened, asked once it is right.
public struct FormKeeper: Sendable {
    private let store: any HubStore
    private let key: HubKey
    private let mappings: MappingBook
    private let clock: HubClock

    public init(store: any HubStore, key: HubKey, mappings: MappingBook, clock: HubClock = .system) {
        self.store = store
        self.key = key
        self.mappings = mappings
        self.clock = clock
    }

    /// - Returns: how many forms changed.
    @discardableResult
    public func refresh() async throws -> Int {
        let policy = self.mappings.set.privacy
        let known = try await self.store.systemsWithForms()
        guard !policy.systems.isEmpty || !known.isEmpty else { return 0 }
        var maker = try await self.maker(policy)
        if try await self.identify(maker.candidates(for: policy.systems), maker) { maker = try await self.maker(policy) }
        var changed = 0
        for system in policy.systems.union(known).sorted() {
            changed += try await self.store.keepForms(
                maker.forms(for: system), for: system, time: self.clock.timestamp)
        }
        return changed
    }

    private func maker(_ policy: PrivacyPolicy) async throws -> FormMaker {
        let homes = try await ProtectedHomes.remembered(
            self.store, of: try await self.store.withheldPersons())
        var levels: [String: Set<ProtectionLevel?>] = [:]
        for mark in try await self.store.sourceMarks() {
            if let person = mark.person { levels[person, default: []].insert(mark.level) }
        }
        return FormMaker(
            key: self.key, policy: policy, records: try await self.store.vaultRecords(),
            marks: try await self.store.hubMarks(), consents: try await self.store.identityConsents(),
            identities: try await self.store.fictitiousIdentities(), guardians: try await self.store.protectedGuardians(),
            blocks: try await self.store.relationBlocks(), rememberedHomes: homes, sourceLevels: levels)
    }

    /// Gives a fictitious identity to those who have consented, may have one somewhere, and have none.
    ///
    /// - Returns: whether anybody got one.
    private func identify(_ subjects: [FormMaker.Subject], _ maker: FormMaker) async throws -> Bool {
        let open = subjects.filter { subject in
            let person = subject.record.opaqueKey.id
            return maker.consents[person]?.isGiven == true && maker.identities[person] == nil
        }
        guard !open.isEmpty else { return false }
        let taken = try await self.numbersInUse()
        var isNew = false
        for subject in open {
            let birthDate = subject.body["birthDate"]?.stringValue.flatMap { CalendarDate($0) }
            let birthYear = birthDate?.year ?? Self.yearWithoutBirthDate
            // After as many tries as a year has days, neighbouring years are taken.
            for round in 0..<Self.mostTries {
                let year = birthYear + (round < 1_000 ? 0 : round % 3 - 1)
                let identity = FictitiousIdentity(
                    of: subject.record.key, key: self.key, birthYear: year, avoiding: birthDate, round: round)
                guard !taken.contains(identity.number) else { continue }
                if try await self.store.keep(identity) {
                    isNew = true
                    break
                }
            }
        }
        return isNew
    }

    /// Whoever has no birth date is an adult as a rule.
    private static let yearWithoutBirthDate = 1980
    private static let mostTries = 5_000

    /// Numbers of the hub's own form that somebody has all the same: an earlier system may have made them up too.
    private func numbersInUse() async throws -> Set<String> {
        var numbers: Set<String> = []
        func note(_ body: Data) {
            guard let text = (try? JSONValue(parsing: body))?["civicNo"]?["value"]?.stringValue else { return }
            let digits = text.filter(\.isNumber)
            if FictitiousNumber.isFictitious(text) { numbers.insert(digits) }
        }
        var after: String?
        while true {
            let records = try await self.store.liveRecords(of: .person, after: after, limit: 500)
            guard let last = records.last else { break }
            after = last.key.id
            for record in records { note(record.body) }
        }
        for record in try await self.store.vaultRecords() where record.key.entity == .person { note(record.body) }
        return numbers
    }
}
