import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreUnderTest {
    /// The levels are those of privacy.yaml, by their words.
    func mark(_ person: String) throws -> HubMark {
        let text = #"{"person":"\#(person)","level":"hub","by":"a","reason":"r","time":"\#(Self.time)"}"#
        return try JSONDecoder().decode(HubMark.self, from: Data(text.utf8))
    }

    func form(_ id: String, _ text: String, _ form: ProtectedFormKind = .masked, classLists: Bool = true) -> WantedForm {
        WantedForm(
            key: self.withheld(id).opaqueKey, source: "edlevo", form: form, classLists: classLists,
            body: Data(#"{"id":"o","givenName":"\#(text)"}"#.utf8))
    }
}

extension StoreRequirement {
    static let protection: [StoreRequirement] = [
        .init("a form is one system's, sent once, and again when it changes") { subject in
            let form = subject.form("one", "a")
            for _ in 0..<2 { _ = try await subject.store.keepForms([form], for: "unikum", time: StoreUnderTest.time) }
            try await #expect(subject.waitingToGo == ["deliver.unikum \(form.key.id) 1"])
            try await #expect(subject.store.livingForms(for: "vega").isEmpty)
            let changed = try await subject.store.keepForms([subject.form("one", "b")], for: "unikum", time: StoreUnderTest.time)
            #expect(changed == 1)
            try await #expect(subject.waitingToGo == ["deliver.unikum \(form.key.id) 2"], "one waiting message is enough")
        },
        .init("a form that isn't wanted any more is a deletion, and comes back with the next sequence") { subject in
            let form = subject.form("one", "a")
            for wanted in [[form], [], [], [form]] {
                _ = try await subject.store.keepForms(wanted, for: "unikum", time: StoreUnderTest.time)
            }
            let kept = try await subject.store.forms(of: [form.key], for: "unikum")[form.key]
            #expect(kept?.sequence == 3 && kept?.isLive == true)
            _ = try await subject.store.keepForms([], for: "unikum", time: StoreUnderTest.time)
            let entry = try await subject.store.next(limit: 10).first
            #expect(entry?.change.operation == .deleted && entry?.change.sequence == 4)
            try await #expect(subject.store.livingForms(for: "unikum").isEmpty)
            try await #expect(subject.store.systemsWithForms() == ["unikum"])
        },
        .init("what is cleared leaves the store encrypted, by the exchange of its own; its deletion in the open") { subject in
            let form = subject.form("one", "Hemlig", .cleared)
            _ = try await subject.store.keepForms([form], for: "unikum", time: StoreUnderTest.time)
            let entry = try await subject.store.next(limit: 10).first
            #expect(entry?.exchange == "knutpunkt.cleared" && entry?.routingKey == "cleared.unikum")
            #expect(entry?.change.isSealed == true)
            #expect(entry.map { String(decoding: $0.change.body, as: UTF8.self).contains("Hemlig") } == false)
            _ = try await subject.store.keepForms([], for: "unikum", time: StoreUnderTest.time)
            let gone = try await subject.store.next(limit: 10)
            #expect(gone.map(\.routingKey) == ["deliver.unikum"] && gone.first?.change.isSealed == false)
        },
        .init("a marked person can't be taken in, whoever brings it, also as another process") { subject in
            let one = subject.withheld("one")
            let other = try await subject.another()
            try await other.mark(try subject.mark(one.opaqueKey.id))
            try await subject.take([subject.state("one", "Hemlig"), subject.state("two", "Prov")])
            try await #expect(subject.store.records([one.key]).isEmpty)
            try await #expect(subject.store.withheldPersons() == [one.opaqueKey.id])
            try await #expect(subject.store.liveIDs(of: .person, source: "edlevo") == ["two"])
            let unmarked = try await subject.store.unmark(one.opaqueKey.id, by: "a", reason: "r", time: StoreUnderTest.later)
            let again = try await subject.store.unmark(one.opaqueKey.id, by: "a", reason: "r", time: StoreUnderTest.later)
            #expect(unmarked && !again)
            try await #expect(subject.store.auditEntries(AuditFilter()).map(\.action) == ["protect", "unprotect"])
        },
        .init("a failure about a protected person keeps no body") { subject in
            try await subject.take([], withheld: [subject.withheld("one")])
            let opaque = subject.withheld("one").opaqueKey.id
            try await subject.store.record(
                [subject.failure(opaque), subject.failure("two")], time: StoreUnderTest.time)
            let failures = try await subject.failures
            for failure in failures {
                let body = try await subject.store.message(failure.id)?.failure.body
                #expect((body == nil) == (failure.failure.key?.id == opaque))
            }
            #expect(failures.count == 2)
        },
        .init("a fictitious number is kept once") { subject in
            func identity(_ person: String) -> FictitiousIdentity {
                FictitiousIdentity(
                    person: person, givenName: "A", familyName: "B",
                    number: FictitiousNumber.on(CalendarDate(year: 2013, month: 5, day: 5)))
            }
            let first = try await subject.store.keep(identity("one"))
            let second = try await subject.store.keep(identity("two"))
            #expect(first && !second)
            try await #expect(subject.store.fictitiousIdentities() == ["one": identity("one")])
        },
    ]
}

extension StoreRequirement {
    static let sourceMarks: [StoreRequirement] = [
        .init("a number that is marked can't be taken in, whoever's it turns out to be") { subject in
            let (store, key) = (subject.store, subject.withheld("one").opaqueKey)
            func mark(_ number: String, _ person: String?) -> SourceMark {
                SourceMark(
                    source: "navet", number: number, person: person, levelName: "sekretessmarkering", time: StoreUnderTest.time)
            }
            try await store.mark([mark("a", nil), mark("b", nil)])
            try await #expect(store.sourceMarks().map(\.person) == [nil, nil])
            try await store.tie(["a": key.id], time: StoreUnderTest.later)
            try await store.tie(["a": "another"], time: StoreUnderTest.later)
            // Marked again, it stays whose it is.
            try await store.mark([mark("a", nil)])
            try await #expect(store.sourceMarks().map(\.person) == [key.id, nil])
            try await subject.take([subject.state("one", "Hemlig"), subject.state("two", "Prov")])
            try await #expect(store.liveIDs(of: .person, source: "edlevo") == ["two"])
            try await #expect(store.withheldPersons() == [key.id])
            let first = try await store.unmark([], of: key.id, source: "other", time: StoreUnderTest.later)
            let second = try await store.unmark([], of: key.id, source: "navet", time: StoreUnderTest.later)
            let third = try await store.unmark(["b"], of: nil, source: "navet", time: StoreUnderTest.later)
            #expect(!first && second && third)
            try await #expect(store.sourceMarks().isEmpty)
            try await #expect(store.auditEntries(AuditFilter()).map(\.action) == ["protect", "unprotect"])
        }
    ]
}
