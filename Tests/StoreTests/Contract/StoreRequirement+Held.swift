import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let held: [StoreRequirement] = [
        .init("a held set comes back as it was kept, once, whoever opens the data") { subject in
            let change = subject.change("edlevo-person-1", updates: 3)
            #expect(try await subject.store.hold(change, marks: [1, .max, 3], samples: [subject.sample("a")]))
            #expect(try await !subject.store.hold(change, marks: [1, .max, 3], samples: []), "it waits already")
            let other = try await subject.another()
            #expect(try await other.heldChanges(HeldFilter()) == [change])
            #expect(try await other.marks(ofHeld: change.id) == [1, .max, 3])
            #expect(try await other.samples(ofHeld: change.id) == [subject.sample("a")])
        },
        .init("a set goes from state to state as it may, and each step is written down") { subject in
            let change = subject.change("edlevo-person-1", updates: 3)
            try await subject.store.hold(change, marks: [1], samples: [subject.sample("a")])
            #expect(try await subject.decide(change.id, .rejected)?.state == .rejected)
            #expect(try await subject.decide(change.id, .applied) == nil, "what is rejected isn't carried out")
            #expect(try await subject.decide(change.id, .approved)?.decidedBy == "somebody")
            #expect(try await subject.decide(change.id, .applied)?.state == .applied)
            #expect(try await subject.decide(change.id, .approved) == nil)
            #expect(try await subject.decide("nothing", .approved) == nil)
            let events = try await subject.store.events(ofHeld: change.id)
            #expect(events.map(\.event) == ["held", "rejected", "approved", "applied"])
            #expect(try await subject.store.samples(ofHeld: change.id).isEmpty, "examples go when it is over")
        },
        .init("what people do with held sets and plans stands in the audit log, what the hub does by itself doesn't") { subject in
            let change = subject.change("edlevo-person-1", updates: 3)
            try await subject.store.hold(change, marks: [1], samples: [])
            func decide(_ state: HeldChange.State, by person: String) async throws {
                let decision = HeldDecision(state, by: person, reason: "because", time: StoreUnderTest.time)
                #expect(try await subject.store.decide(change.id, decision) != nil)
            }
            let look = HeldEvent(time: StoreUnderTest.time, event: "values-shown", by: "a person", note: "0 records")
            try await subject.store.note(look, ofHeld: change.id)
            try await decide(.rejected, by: "a person")
            try await decide(.approved, by: "another")
            try await decide(.applied, by: "hub")
            let plan = try await subject.store.plan(
                PlannedChange(
                    id: 0, direction: .source, system: "edlevo", subject: "person", bounds: ChangeCounts(updates: 9),
                    from: "2026-08-01", to: "2026-08-20", reason: "new school year", madeBy: "a person",
                    madeAt: StoreUnderTest.time))
            #expect(try await subject.store.revokePlan(plan.id, by: "another", time: StoreUnderTest.time))
            #expect(try await !subject.store.revokePlan(plan.id, by: "another", time: StoreUnderTest.time))
            let entries = try await subject.store.auditEntries(AuditFilter())
            #expect(entries.map(\.action) == ["held.values-shown", "held.reject", "held.approve", "held.plan", "held.revoke"])
            #expect(entries.map(\.person) == ["a person", "a person", "another", "a person", "another"])
            #expect(entries.map(\.reason) == ["0 records", "because", "because", "new school year", nil])
            #expect(Set(entries.map(\.subject)) == ["held/\(change.id)", "plan/\(plan.id)"])
            #expect(try await subject.store.firstBrokenAuditEntry() == nil)
        },
        .init("an overtaken set that is found again waits anew") { subject in
            let change = subject.change("edlevo-person-1", updates: 3)
            try await subject.store.hold(change, marks: [1], samples: [])
            try await subject.decide(change.id, .approved)
            try await subject.decide(change.id, .superseded)
            #expect(try await subject.store.hold(change, marks: [1], samples: []))
            let again = try await subject.store.heldChanges(HeldFilter()).first
            #expect(again?.state == .held && again?.decidedBy == nil)
        },
        .init("an example of a person who goes to the vault is gone") { subject in
            try await subject.published("a", "b")
            let change = subject.change("edlevo-person-1", updates: 3)
            try await subject.store.hold(change, marks: [1], samples: [subject.sample("a"), subject.sample("b")])
            try await subject.take([subject.state("a", nil)], withheld: [subject.withheld("a")])
            #expect(try await subject.store.samples(ofHeld: change.id).map(\.key.id) == ["b"])
        },
        .init("what is set aside is sent again when it is approved, and over when it is given") { subject in
            try await subject.published("a", "b", "c")
            let change = subject.change("unikum-rows-1", .target, updates: 2)
            try await subject.store.hold(
                change, marks: [1], samples: [], aside: [subject.person("a"), subject.person("b")], replacing: nil)
            #expect(try await subject.waitingToGo.isEmpty)
            try await subject.decide(change.id, .approved)
            #expect(try await subject.waitingToGo == ["deliver.unikum a 1", "deliver.unikum b 1"])
            try await subject.settle("a", 1, subject.applied([subject.row("a")]))
            #expect(try await subject.store.aside(with: change.id) == [subject.person("b")])
            #expect(try await subject.store.heldChanges(HeldFilter()).map(\.state) == [.approved])
            try await subject.settle("b", 1, subject.applied([subject.row("b")]))
            #expect(try await subject.store.heldChanges(HeldFilter()).map(\.state) == [.applied])
        },
        .init("what was set aside with an overtaken set isn't lost, and nothing waits with it") { subject in
            try await subject.published("a")
            let change = subject.change("unikum-rows-1", .target, updates: 1)
            try await subject.store.hold(change, marks: [1], samples: [], aside: [subject.person("a")], replacing: nil)
            try await subject.decide(change.id, .superseded)
            #expect(try await subject.waitingToGo == ["deliver.unikum a 1"])
            #expect(try await subject.store.aside(with: change.id).isEmpty)
        },
        .init("a set that grows takes what waits with it along") { subject in
            try await subject.published("a", "b")
            let first = subject.change("unikum-rows-1", .target, updates: 1)
            let second = subject.change("unikum-rows-2", .target, updates: 2)
            try await subject.store.hold(first, marks: [1], samples: [], aside: [subject.person("a")], replacing: nil)
            try await subject.store.hold(second, marks: [1, 2], samples: [], aside: [subject.person("b")], replacing: first.id)
            #expect(try await subject.store.aside(with: second.id) == [subject.person("a"), subject.person("b")])
            #expect(try await subject.decide(first.id, .approved) == nil, "it isn't what waits any more")
            #expect(try await subject.waitingToGo.isEmpty)
        },
        .init("rows that were given are counted by kind, each once") { subject in
            try await subject.published("a", "b")
            try await subject.settle("a", 1, subject.applied([subject.row("k"), subject.row("l")]))
            try await subject.settle("b", 1, subject.applied([subject.row("k")]))
            #expect(try await subject.store.rowCounts(in: "unikum") == ["person": 2])
            #expect(try await subject.store.rowCounts(in: "other").isEmpty)
        },
        .init("what is taken unseen is counted, what somebody has seen is marked until it changes again") { subject in
            let since = "2026-08-17T00:00:00.000Z"
            func take(_ text: String, _ counting: TakeCounting, time: String = StoreUnderTest.time) async throws {
                _ = try await subject.store.take(
                    [subject.state("a", text)], withheld: [], failures: [], source: "edlevo", counting: counting, time: time)
            }
            try await take("first", .seen)
            #expect(try await subject.store.seen([subject.person("a")], since: nil) == [subject.person("a")])
            #expect(try await subject.store.seen([subject.person("a")], since: StoreUnderTest.later).isEmpty)
            #expect(try await subject.unseen(since: since).isEmpty)
            try await take("second", .unseen)
            #expect(try await subject.store.seen([subject.person("a")], since: nil).isEmpty)
            #expect(try await subject.unseen(since: since) == ChangeCounts(updates: 1))
            try await take("third", .unseen, time: StoreUnderTest.later)
            #expect(try await subject.unseen(since: since) == ChangeCounts(updates: 2))
            #expect(try await subject.unseen(since: StoreUnderTest.later) == ChangeCounts(updates: 1))
        },
        .init("a plan is used up by what is taken under it, and over when it is revoked") { subject in
            let plan = try await subject.store.plan(
                PlannedChange(
                    id: 0, direction: .source, system: "edlevo", subject: "person", bounds: ChangeCounts(creates: 2),
                    from: "2026-08-01", to: "2026-08-20", reason: "term start", madeBy: "somebody", madeAt: StoreUnderTest.time))
            _ = try await subject.store.take(
                [subject.state("a", "x"), subject.state("b", "x")], withheld: [], failures: [], source: "edlevo",
                counting: .planned(plan.id), time: StoreUnderTest.time)
            #expect(try await subject.store.plans().map(\.used) == [ChangeCounts(creates: 2)])
            #expect(try await subject.store.revokePlan(plan.id, by: "somebody", time: StoreUnderTest.later))
            #expect(try await !subject.store.revokePlan(plan.id, by: "somebody", time: StoreUnderTest.later))
        },
    ]
}

extension StoreUnderTest {
    fileprivate func change(_ id: String, _ direction: HeldChange.Direction = .source, updates: Int) -> HeldChange {
        HeldChange(
            id: id, direction: direction, system: direction == .source ? "edlevo" : "unikum",
            entity: direction == .source ? "person" : "rows", mode: "full", living: 10, counts: ChangeCounts(updates: updates),
            excess: [ChangeExcess(kind: .updates, count: updates, limit: 1)], hints: [SetHint(.mappingEdited, 1)],
            findings: [FieldFinding(field: "givenName", count: updates, of: updates, hint: ValueHint(.emptied), hintCount: 1)],
            time: Self.time)
    }

    fileprivate func sample(_ id: String) -> HeldSample {
        HeldSample(key: self.person(id), change: .updates, fields: [.init(name: "givenName", before: "x", after: nil)])
    }

    @discardableResult
    fileprivate func decide(_ id: String, _ state: HeldChange.State) async throws -> HeldChange? {
        try await self.store.decide(id, HeldDecision(state, by: "somebody", reason: nil, time: Self.time))
    }

    fileprivate func unseen(since: String) async throws -> ChangeCounts {
        try await self.store.unseen(.source, system: "edlevo", subject: "person", since: since).total
    }
}
