import Foundation
import Hub

/// A journey as its template shows it.
struct JourneyView {
    private let language: Language
    private let times: TimeText

    init(_ language: Language, now: Date) {
        self.language = language
        self.times = TimeText(language, now: now)
    }

    func view(_ journey: Journey) -> View {
        let (state, tone): (String, Tone) =
            journey.needsSomebody
            ? (self.language(sv: "behöver någon", en: "needs somebody"), .bad)
            : journey.hasArrived
                ? (self.language(sv: "framme", en: "arrived"), .good) : (self.language(sv: "på väg", en: "on its way"), .warn)
        var facts: [(String, String)] = []
        if let source = journey.source { facts.append((self.language(sv: "Källa", en: "Source"), source)) }
        if let sequence = journey.sequence, let change = journey.change {
            facts.append((self.language(sv: "Läge", en: "State"), "\(sequence) (\(self.word(change)))"))
        } else {
            facts.append((self.language(sv: "Läge", en: "State"), self.language(sv: "aldrig tagen", en: "never taken")))
        }
        if let message = journey.message { facts.append((self.language(sv: "Meddelande", en: "Message"), message)) }
        if let trace = journey.trace { facts.append((self.language(sv: "Spår", en: "Trace"), trace)) }
        if let made = journey.made {
            facts.append(
                (
                    self.language(sv: "Gjord av flödet", en: "Made by the flow"),
                    "\(made.flow), \(made.rule): \(made.of.joined(separator: ", "))"
                ))
        }
        for held in journey.held { facts.append((self.language(sv: "Massändring väntar", en: "A mass change waits"), held)) }
        for earlier in journey.earlier.prefix(3) {
            facts.append(
                (
                    self.language(sv: "Tidigare läge", en: "Earlier state"),
                    "\(earlier.sequence), \(self.times.moment(earlier.takenAt))"
                ))
        }
        let systems = journey.systems.filter { $0.state != .leftOut }
        return [
            "record": journey.record, "state": state, "tone": tone.rawValue,
            "facts": facts.map { ["name": $0.0, "value": $0.1] as View }, "steps": journey.steps.map { self.view($0, journey) },
            "systems?": !systems.isEmpty, "systems": systems.map { self.view($0, journey) },
        ]
    }

    private func view(_ system: SystemJourney, _ journey: Journey) -> View {
        var duration: [String] = []
        if let total = system.milliseconds { duration.append(Self.length(total)) }
        if let waited = system.waited {
            duration.append(self.language(sv: "sedan \(Self.length(waited))", en: "for \(Self.length(waited))"))
        }
        if let has = system.has, has != journey.sequence {
            duration.append(self.language(sv: "har läge \(has)", en: "has state \(has)"))
        }
        if let due = system.due {
            duration.append(
                self.language(sv: "försöks igen \(self.times.moment(due))", en: "tried again \(self.times.moment(due))"))
        }
        if system.wouldPass == true {
            duration.append(self.language(sv: "rättat: skulle gå igenom nu", en: "mended: would go through now"))
        }
        let (word, tone) = self.word(system.state)
        return [
            "system": system.system, "state": word, "tone": tone.rawValue, "duration": duration.joined(separator: ", "),
            "isOpen": tone == .bad || tone == .warn, "steps": system.steps.map { self.view($0, journey) },
            "waits?": !system.waitsFor.isEmpty,
            "waits": system.waitsFor.map { ["record": $0, "address": "\(Address("/messages/trace", ["record": $0]))"] as View },
            "next?": !system.next.isEmpty, "next": system.next,
        ]
    }

    private func view(_ step: JourneyStep, _ journey: Journey) -> View {
        let (word, tone) = self.word(step, journey)
        var view: View = ["what": word, "tone": tone.rawValue]
        if let time = step.time { view["time"] = self.times.moment(time) }
        if let milliseconds = step.milliseconds { view["lasted"] = Self.length(milliseconds) }
        if let rule = step.rule { view["rule"] = rule }
        var detail = [step.code, step.text, step.person, step.reason, step.replay].compactMap(\.self)
        if step.kind == .delivered {
            detail.append(
                step.batch.map { self.language(sv: "sats \($0)", en: "batch \($0)") }
                    ?? self.language(sv: "inget behövde skrivas", en: "nothing had to be written"))
        }
        if !detail.isEmpty { view["detail"] = detail.joined(separator: " · ") }
        if let failure = step.failure {
            view["address"] = "/failed/\(failure)"
            view["number"] = self.language(sv: "meddelande \(failure)", en: "message \(failure)")
        }
        return view
    }

    private func word(_ change: Journey.Change) -> String {
        switch change {
        case .created: self.language(sv: "ny", en: "created")
        case .updated: self.language(sv: "ändrad", en: "updated")
        case .deleted: self.language(sv: "borttagen", en: "deleted")
        }
    }

    private func word(_ step: JourneyStep, _ journey: Journey) -> (String, Tone) {
        switch step.kind {
        case .read: (self.language(sv: "Läst ur \(journey.source ?? "")", en: "Read from \(journey.source ?? "")"), .plain)
        case .mapped: (self.language(sv: "Översatt", en: "Mapped"), .plain)
        case .taken: (self.language(sv: "Tagen i registret", en: "Taken into the register"), .plain)
        case .published: (self.language(sv: "Sänd och kvitterad", en: "Published and confirmed"), .good)
        case .failed:
            (self.language(sv: "Misslyckat försök \(step.attempt ?? 1)", en: "Failed try \(step.attempt ?? 1)"), .bad)
        case .corrected: (self.language(sv: "Rättad", en: "Corrected"), .warn)
        case .approved: (self.language(sv: "Rättelsen godkänd", en: "Correction approved"), .plain)
        case .undone: (self.language(sv: "Rättelsen ångrad", en: "Correction undone"), .plain)
        case .replayed: (self.language(sv: "Sänd igen", en: "Sent again"), .warn)
        case .delivered: (self.language(sv: "Framme", en: "Delivered"), .good)
        case .discarded: (self.language(sv: "Kastad", en: "Discarded"), .plain)
        case .overtaken: (self.language(sv: "Överspelad av ett nyare läge", en: "Overtaken by a newer state"), .plain)
        }
    }

    /// What a state of a record in a system is called.
    func word(_ state: SystemJourney.State) -> (String, Tone) {
        switch state {
        case .delivered: (self.language(sv: "framme", en: "delivered"), .good)
        case .own: (self.language(sv: "systemets egen", en: "the system's own"), .plain)
        case .leftOut: (self.language(sv: "inget för systemet", en: "nothing for the system"), .plain)
        case .unpublished: (self.language(sv: "inte sänd än", en: "not sent yet"), .warn)
        case .queued: (self.language(sv: "i kö", en: "queued"), .warn)
        case .writing:
            (self.language(sv: "skrivs, eller väntar på systemet", en: "being written, or waits for the system"), .warn)
        case .held: (self.language(sv: "hålls med en massändring", en: "held with a mass change"), .bad)
        case .waiting: (self.language(sv: "väntar på andra poster", en: "waits for other records"), .warn)
        case .retry: (self.language(sv: "nekad för stunden", en: "refused for now"), .warn)
        case .failed: (self.language(sv: "misslyckad", en: "failed"), .bad)
        case .replaying: (self.language(sv: "sänd igen", en: "sent again"), .warn)
        case .discarded: (self.language(sv: "kastad", en: "discarded"), .plain)
        }
    }

    private static func length(_ milliseconds: Int) -> String {
        milliseconds < 1000 ? "\(milliseconds) ms" : RoughDuration.text(Double(milliseconds) / 1000)
    }
}
