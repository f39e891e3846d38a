import Foundation
import Hub
import SchoolRecords

/// One failed message: why, what to do, and doing it.
struct FailurePage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("failed/:number", .failed) { visit in
            try await self.show(try await self.failure(visit), visit)
        }
        routes.act("failed/:number/content", .failed) { visit, form in
            let failure = try await self.failure(visit)
            _ = try await self.desk.failures.content(of: failure, reason: try Self.reason(form), visit)
            return try await self.show(failure, visit, withContent: true)
        }
        routes.act("failed/:number/edit", .failed) { visit, form in try await self.edit(visit, form) }
        routes.act("failed/:number/approve", .failed) { visit, _ in
            let failure = try await self.failure(visit)
            try await self.desk.failures.approve(failure, visit)
            return .redirect(Address("/failed/\(failure.id)", ["said": "approved"]))
        }
        routes.act("failed/:number/undo", .failed) { visit, _ in
            let failure = try await self.failure(visit)
            try await self.desk.failures.undo(failure, visit)
            return .redirect(Address("/failed/\(failure.id)", ["said": "replay-changed"]))
        }
        routes.act("failed/:number/discard", .failed) { visit, form in
            let failure = try await self.failure(visit)
            try await self.desk.failures.discard(failure, reason: try Self.reason(form), visit)
            return .redirect(Address("/failed/\(failure.id)", ["said": "discarded"]))
        }
    }

    private func failure(_ visit: Visit) async throws -> FailedMessage {
        try await self.desk.failures.message(try visit.parameter("number", as: Int64.self))
    }

    /// Why somebody does what they do.
    static func reason(_ form: Fields) throws -> String {
        guard let reason = form["reason"], reason.count <= 500 else {
            throw ConsoleRefusal.wrongInput(
                sv: "Skriv varför, med högst 500 tecken och utan personuppgifter.",
                en: "Say why, in at most 500 characters and without personal data.")
        }
        return reason
    }

    private func edit(_ visit: Visit, _ form: Fields) async throws -> Reply {
        let failure = try await self.failure(visit)
        let text = form.exactly("value")
        let value: JSONValue? = text.isEmpty ? nil : (try? JSONValue(parsing: Data(text.utf8))) ?? .string(text)
        try await self.desk.failures.correct(
            failure, path: form["path"] ?? "", value: value, reason: try Self.reason(form), visit)
        return .redirect(
            Address("/failed/\(failure.id)", ["said": self.desk.editsNeedApproval ? "edit-waits" : "edited"]))
    }

    private func show(_ failure: FailedMessage, _ visit: Visit, withContent: Bool = false) async throws -> Reply {
        let language = visit.language
        let words = FailureWords(language)
        let times = TimeText(language, now: self.desk.clock.now())
        let names = try await ShownNames(of: [failure.failure.key].compactMap(\.self), on: self.desk)
        let what = names.shown(failure).failure
        var filter = FailureFilter()
        filter.fingerprint = failure.fingerprint
        let same = try await self.desk.store.groups(filter).first?.count ?? 0
        var page = Frame.Page(language(sv: "Misslyckat meddelande \(failure.id)", en: "Failed message \(failure.id)"))
        page.trail = [
            (language(sv: "Misslyckade", en: "Failed"), Address("/failed")),
            (what.code, Address("/failed/list", ["group": failure.fingerprint])),
        ]
        var view: View = [
            "address": "/failed/\(failure.id)", "state": words.state(failure.state), "tone": words.tone(failure.state).rawValue,
            "system": what.system, "record": what.key?.description ?? "–", "code": what.code, "message": what.message,
            "runbook": what.runbook, "groupAddress": "\(Address("/failed/list", ["group": failure.fingerprint]))",
            "sameCause": language(
                sv: "\(TimeText.number(same)) öppna av samma orsak", en: "\(TimeText.number(same)) open for the same cause"),
            "attempts": try await self.desk.store.attempts(of: failure.id).map { attempt in
                ["time": times.moment(attempt.time), "code": attempt.code, "message": attempt.message] as View
            },
        ]
        if let field = what.field { view["field"] = field }
        if let place = what.place { view["place"] = place }
        if let key = what.key { view["journey"] = "\(Address("/messages/trace", ["record": key.description]))" }
        let isOpen = failure.state == .failed
        if isOpen, visit.user.may(.replay, system: what.system) {
            view["replay"] = ["id": String(failure.id), "csrf": visit.csrf] as View
        }
        let edit = try await self.desk.store.edits(of: [failure.id])[failure.id]
        if let edit { view.merge(self.view(of: edit, visit)) { _, new in new } }
        if isOpen, edit == nil, what.stage == .delivery, visit.user.may(.edit, system: what.system) { view["edit"] = true }
        if isOpen, visit.user.may(.discard, system: what.system) { view["discard"] = true }
        if what.body != nil, visit.user.may(.see, system: what.system) {
            view["see"] = true
            if withContent, let body = what.body { view["content"] = Self.readable(body) }
        }
        page.view = view
        return self.frame.show(page, "failure", in: .failed, visit)
    }

    private func view(of edit: FailureEdit, _ visit: Visit) -> View {
        let fields = edit.fields.joined(separator: ", ")
        var view: View = [
            "waits": edit.isReleased
                ? visit.language(
                    sv: "Rättat: \(fields), av \(edit.person): \(edit.reason)",
                    en: "Corrected: \(fields), by \(edit.person): \(edit.reason)")
                : visit.language(
                    sv: "Rättelsen av \(fields) (\(edit.person): \(edit.reason)) väntar på att en annan person godkänner den.",
                    en: "The correction of \(fields) (\(edit.person): \(edit.reason)) waits for somebody else to approve it."),
            "undo": "/failed/\(edit.failure)/undo", "undoText": visit.language(sv: "Ångra rättelsen", en: "Undo the correction"),
        ]
        if !edit.isReleased, edit.person != visit.user.name, visit.user.may(.approve) {
            view["approve"] = "/failed/\(edit.failure)/approve"
            view["approveText"] = visit.language(sv: "Godkänn", en: "Approve")
        }
        return view
    }

    private static func readable(_ body: Data) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: body),
            let data = try? JSONSerialization.data(
                withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        else { return String(decoding: body, as: UTF8.self) }
        return String(decoding: data, as: UTF8.self)
    }
}
