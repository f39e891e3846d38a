import Hub

/// Mass changes that wait for somebody: what, why they are too many, what strikes in them, and letting them through or keeping them out.
struct HeldPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("held", .failed) { visit in try await self.list(visit) }
        routes.show("held/list.csv", .failed) { visit in try await self.csv(visit) }
        routes.show("held/:id", .failed) { visit in try await self.show(visit, samples: nil) }
        // By POST, with a reason: values are personal data.
        routes.act("held/:id/values", .failed) { visit, form in
            let change = try await self.change(visit)
            try await self.desk.require(.see, on: [change.system], of: visit)
            let reason = try FailurePage.reason(form)
            let samples = try await self.desk.store.samples(ofHeld: change.id)
            try await self.desk.store.note(
                HeldEvent(time: self.desk.clock.timestamp, event: "values-shown", by: visit.user.name, note: reason),
                ofHeld: change.id)
            return try await self.show(visit, samples: samples)
        }
        for (name, state, said) in [
            ("approve", HeldChange.State.approved, "approved"), ("reject", HeldChange.State.rejected, "rejected"),
        ] {
            routes.act("held/:id/\(name)", .failed) { visit, form in
                let change = try await self.change(visit)
                try await self.desk.heldChanges.decide(
                    change, approves: state == .approved, reason: try FailurePage.reason(form), visit)
                return .redirect(Address(parts: ["held", change.id], ["said": said]))
            }
        }
    }

    private func change(_ visit: Visit) async throws -> HeldChange {
        try await self.desk.heldChanges.change(try visit.parameter("id"))
    }

    // MARK: All

    /// Those that somebody has something to do with, or all.
    private func changes(_ visit: Visit) async throws -> [HeldChange] {
        var filter = HeldFilter()
        filter.system = visit.query["system"]
        if visit.query["what"] != "all" { filter.states = HeldChange.State.open }
        return try await self.desk.store.heldChanges(filter)
    }

    private func list(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = HeldWords(language)
        let times = TimeText(language, now: self.desk.clock.now())
        let changes = try await self.changes(visit)
        let start = max(0, visit.query.number("after") ?? 0)
        let part = changes.dropFirst(start).prefix(ListPage.size)
        var page = Frame.Page(language(sv: "Massändringar", en: "Mass changes"))
        page.lead = language(
            sv: "Mycket på en gång väntar tills någon har tittat. Ett godkännande gäller just den mängd som visas.",
            en: "Very much at once waits until somebody has looked. An approval is of exactly the set that is shown.")
        page.trail = [(language(sv: "Misslyckade", en: "Failed"), Address("/failed"))]
        page.view["tabs"] = FailedPage.tabs("/held", language)
        page.view["whats"] = [
            ("open", language(sv: "de som väntar", en: "those that wait")), ("all", language(sv: "alla", en: "all")),
        ].map { ["value": $0.0, "name": $0.1, "isChosen": ($0.0 == "all") == (visit.query["what"] == "all")] as View }
        page.view["system"] = visit.query["system"] ?? ""
        page.view["changes?"] = !part.isEmpty
        page.view["changes"] = part.map { change in
            [
                "address": "\(Address(parts: ["held", change.id]))", "id": change.id, "state": words.state(change.state),
                "tone": Self.tone(change.state).rawValue, "system": change.system, "entity": change.entity,
                "counts": words.counts(change), "first": times.moment(change.firstAt), "last": times.moment(change.lastAt),
            ] as View
        }
        let next = start + part.count < changes.count ? String(start + part.count) : nil
        page.view.merge(
            ListPage.view(
                shown: part.count, of: changes.count, at: visit.address(keeping: ["what", "system", "after"]), next: next,
                csv: visit.address("/held/list.csv", keeping: ["what", "system"]), language)
        ) { _, new in new }
        return self.frame.show(page, "held-list", in: .failed, visit)
    }

    static func tone(_ state: HeldChange.State) -> Tone {
        switch state {
        case .held, .told: .warn
        case .approved, .applied: .good
        case .rejected, .superseded: .plain
        }
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let header = [
            "id", "state", "system", "entity", "living", "creates", "updates", "deletes", "releases", "first", "last",
            "decided_by",
            "reason",
        ]
        let rows = try await self.changes(visit).map { change in
            [
                change.id, change.state.rawValue, change.system, change.entity, String(change.living), String(change.creates),
                String(change.updates), String(change.deletes), String(change.releases), change.firstAt, change.lastAt,
                change.decidedBy ?? "", change.reason ?? "",
            ]
        }
        return .csv(name: "mass-changes.csv", text: CSVText.lines([header] + rows))
    }

    // MARK: One

    /// - Parameter samples: with values; `nil` shows which records and fields they are alone, to whoever may see persons' ids.
    private func show(_ visit: Visit, samples: [HeldSample]?) async throws -> Reply {
        let language = visit.language
        let change = try await self.change(visit)
        let words = HeldWords(language)
        let times = TimeText(language, now: self.desk.clock.now())
        let places = try await self.desk.placeNames()
        let base = Address(parts: ["held", change.id]).path
        var page = Frame.Page(language(sv: "Massändring", en: "Mass change"))
        page.trail = [
            (language(sv: "Misslyckade", en: "Failed"), Address("/failed")),
            (language(sv: "Massändringar", en: "Mass changes"), Address("/held")),
        ]
        let parts =
            change.units.map { unit in
                (
                    places[unit.unit] ?? unit.unit,
                    ChangeCounts(creates: unit.creates, updates: unit.updates, deletes: unit.deletes), unit.living, unit.excess
                )
            }
            + change.kinds.map { kind in
                (
                    kind.kind, ChangeCounts(creates: kind.creates, updates: kind.updates, deletes: kind.deletes), kind.living,
                    kind.excess
                )
            }
        page.view = [
            "id": change.id, "state": words.state(change.state), "tone": Self.tone(change.state).rawValue,
            "system": change.system, "entity": change.entity, "counts": words.counts(change),
            "first": times.moment(change.firstAt), "last": times.moment(change.lastAt),
            "reasons": change.excess.map(words.excess) + change.hints.map(words.text),
            "findings?": !change.findings.isEmpty, "findings": change.findings.map(words.text), "parts?": !parts.isEmpty,
            "parts": parts.map { name, counts, living, excess in
                [
                    "name": name, "counts": words.counts(counts), "living": TimeText.number(living),
                    "excess": excess.map(words.excess).joined(separator: "; "),
                ] as View
            },
            "events": try await self.desk.store.events(ofHeld: change.id).map { event in
                let who = [event.by, event.note].compactMap { $0 }.joined(separator: ": ")
                return ["time": times.moment(event.time), "event": words.event(event.event), "who": who] as View
            },
        ]
        if let by = change.decidedBy {
            page.view["decided"] = "\(by), \(times.moment(change.decidedAt)): \(change.reason ?? "")"
        }
        if visit.user.may(.approveChanges, system: change.system) {
            if change.outcome(of: .approved) != nil { page.view["approve"] = base + "/approve" }
            if change.outcome(of: .rejected) != nil { page.view["reject"] = base + "/reject" }
        }
        page.view["decide?"] = page.view["approve"] != nil || page.view["reject"] != nil
        try await self.add(samples, of: change, base, to: &page.view, visit, words)
        return self.frame.show(page, "held", in: .failed, visit)
    }

    private func add(
        _ samples: [HeldSample]?, of change: HeldChange, _ base: String, to view: inout View, _ visit: Visit, _ words: HeldWords
    ) async throws {
        guard visit.user.may(.see, system: change.system) else { return }
        let shown: [HeldSample] = if let samples { samples } else { try await self.desk.store.samples(ofHeld: change.id) }
        guard !shown.isEmpty else { return }
        view["samples?"] = true
        view["samples"] = shown.map { sample in
            let fields = sample.fields.map { field in
                samples == nil ? field.name : "\(field.name): \(field.before ?? "–") → \(field.after ?? "–")"
            }
            return [
                "record": "\(sample.key)", "address": "\(Address("/messages/trace", ["record": "\(sample.key)"]))",
                "what": words.name(sample.change), "fields": fields,
            ] as View
        }
        if samples == nil { view["values"] = base + "/values" }
    }
}
