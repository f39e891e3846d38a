import Foundation
import Hub
import KnutpunktApp

/// Journeys as people read them: a tree, with the time of each step and how long it took.
struct TraceText {
    let language: Language
    let isFull: Bool
    let isColoured: Bool

    /// A line with what stands below it.
    struct Branch {
        var text: String
        var below: [Branch] = []

        func lines(first: String, rest: String) -> [String] {
            var lines = [first + self.text]
            for (index, branch) in self.below.enumerated() {
                let isLast = index == self.below.count - 1
                lines += branch.lines(first: rest + (isLast ? "└─ " : "├─ "), rest: rest + (isLast ? "   " : "│  "))
            }
            return lines
        }
    }

    func lines(_ answer: JourneyReader.Answer) -> [String] {
        var lines: [String] = []
        if answer.isProtected {
            lines.append(
                self.language(
                    sv:
                        "Personen har skyddade personuppgifter: allt om den hålls tillbaka, och inget system ges något. Det som syns är borttagningen av det som getts före.",
                    en:
                        "The person's identity is protected: everything about them is held back, and no system is given anything. What shows is the taking away of what was given before."
                ))
        }
        if answer.journeys.isEmpty, answer.about == .failure {
            lines.append(
                self.language(
                    sv: "Meddelandet hör inte till någon känd post. Se: ", en: "The message belongs to no known record. See: ")
                    + "knutpunkt failed show \(answer.subject.dropFirst("failure/".count))")
        }
        let isDetailed = self.isFull || answer.journeys.count == 1
        for journey in answer.journeys {
            let branch = isDetailed || !journey.hasArrived ? self.branch(journey) : self.short(journey)
            lines += branch.lines(first: "", rest: "")
            if answer.about == .message, journey.message != answer.subject { lines.append(self.moved(journey)) }
        }
        if answer.total > answer.journeys.count + answer.journeys.reduce(0, { $0 + $1.derived.count }) {
            lines.append(
                self.language(
                    sv: "… av \(answer.total) poster. Fler: --limit \(answer.total)",
                    en: "… of \(answer.total) records. More: --limit \(answer.total)"))
        }
        return lines
    }

    private func moved(_ journey: Journey) -> String {
        self.language(
            sv: "Meddelandet var ett tidigare läge av posten. Det som gäller nu är läge \(journey.sequence ?? 0).",
            en: "The message was an earlier state of the record. What holds now is state \(journey.sequence ?? 0).")
    }

    // MARK: One record

    private func branch(_ journey: Journey) -> Branch {
        var branch = Branch(text: self.head(journey))
        if let made = journey.made {
            branch.below.append(
                Branch(
                    text: self.language(sv: "gjord av flödet ", en: "made by the flow ")
                        + "\(made.flow), \(made.rule), \(self.language(sv: "av", en: "of")) \(made.of.joined(separator: ", "))"))
        }
        branch.below += journey.steps.map { self.branch($0, journey) }
        for held in journey.held {
            let text = self.language(
                sv: "en massändring i källan väntar; ett nyare läge kan vara bland dess poster",
                en: "a mass change in the source waits; a newer state may be among its records")
            branch.below.append(Branch(text: text, below: [self.command("knutpunkt held show \(held)")]))
        }
        if let failed = journey.steps.last(where: { $0.isOpen == true }), let number = failed.failure {
            branch.below.append(self.command("knutpunkt failed show \(number)"))
        }
        branch.below += journey.systems.map { self.branch($0, journey) }
        for earlier in journey.earlier.prefix(self.isFull ? .max : 3) {
            let fate =
                earlier.publishedAt.map { self.language(sv: "sänd \($0)", en: "sent \($0)") }
                ?? self.language(sv: "inte sänd, eller okänt när", en: "not sent, or it isn't known when")
            branch.below.append(
                Branch(
                    text: self.language(sv: "tidigare läge", en: "earlier state") + " \(earlier.sequence): "
                        + self.language(sv: "tagen", en: "taken") + " \(earlier.takenAt), \(fate)"
                        + (earlier.message.map { ", \(self.language(sv: "meddelande", en: "message")) \($0)" } ?? "")))
        }
        branch.below += journey.derived.map { self.isFull || !$0.hasArrived ? self.branch($0) : self.short($0) }
        return branch
    }

    private func head(_ journey: Journey) -> String {
        var parts = [journey.record]
        if let sequence = journey.sequence, let change = journey.change {
            let word =
                switch change {
                case .created: self.language(sv: "ny", en: "created")
                case .updated: self.language(sv: "ändrad", en: "updated")
                case .deleted: self.language(sv: "borttagen", en: "deleted")
                }
            parts.append("\(self.language(sv: "läge", en: "state")) \(sequence) (\(word))")
        } else {
            parts.append(self.language(sv: "aldrig tagen", en: "never taken"))
        }
        if let message = journey.message { parts.append("\(self.language(sv: "meddelande", en: "message")) \(message)") }
        if let trace = journey.trace { parts.append("\(self.language(sv: "spår", en: "trace")) \(trace)") }
        return parts.joined(separator: "  ")
    }

    private func short(_ journey: Journey) -> Branch {
        let systems = journey.systems.filter { $0.state != .leftOut }.map { system in
            system.system + (system.milliseconds.map { " \(Self.length($0))" } ?? "")
        }
        guard !systems.isEmpty else {
            return Branch(
                text:
                    "\(journey.record)  \(self.language(sv: "i registret; inget system får den", en: "in the register; no system gets it"))",
                below: journey.derived.map(self.short))
        }
        var branch = Branch(
            text:
                "\(journey.record)  \(self.green(self.language(sv: "framme", en: "arrived"))): \(systems.joined(separator: ", "))"
        )
        branch.below = journey.derived.map(self.short)
        return branch
    }

    private func branch(_ system: SystemJourney, _ journey: Journey) -> Branch {
        var text = "→ \(system.system)  \(self.state(system))"
        if let has = system.has, has != journey.sequence {
            text += self.language(sv: ", har läge \(has)", en: ", has state \(has)")
        }
        if let total = system.milliseconds { text += "  \(Self.length(total))" }
        if let waited = system.waited { text += self.language(sv: ", i ", en: ", for ") + Self.length(waited) }
        var branch = Branch(text: text, below: system.steps.map { self.branch($0, journey) })
        if !system.waitsFor.isEmpty {
            branch.below.append(
                Branch(text: self.language(sv: "väntar på ", en: "waits for ") + system.waitsFor.joined(separator: ", ")))
        }
        if let due = system.due {
            branch.below.append(Branch(text: self.language(sv: "försöks igen ", en: "tried again ") + due))
        }
        if system.wouldPass == true {
            branch.below.append(
                Branch(text: self.green(self.language(sv: "RÄTTAT: skulle gå igenom nu", en: "FIXED: would go through now"))))
        }
        branch.below += system.next.map(self.command)
        return branch
    }

    private func command(_ command: String) -> Branch {
        Branch(text: "\(self.language(sv: "gå vidare", en: "go on")): \(command)")
    }

    private func state(_ system: SystemJourney) -> String {
        switch system.state {
        case .delivered: self.green(self.language(sv: "framme", en: "delivered"))
        case .own: self.language(sv: "systemets egen", en: "the system's own")
        case .leftOut: self.language(sv: "inget för systemet", en: "nothing for the system")
        case .unpublished: self.language(sv: "inte sänd än", en: "not sent yet")
        case .queued: self.language(sv: "i kön deliver.\(system.system)", en: "in the queue deliver.\(system.system)")
        case .writing: self.language(sv: "skrivs, eller väntar på systemet", en: "being written, or waits for the system")
        case .held: self.red(self.language(sv: "HÅLLS med en massändring", en: "HELD with a mass change"))
        case .waiting: self.language(sv: "väntar på andra poster", en: "waits for other records")
        case .retry: self.language(sv: "nekad för stunden", en: "refused for now")
        case .failed: self.red(self.language(sv: "MISSLYCKAD", en: "FAILED"))
        case .replaying: self.language(sv: "sänd igen", en: "sent again")
        case .discarded: self.language(sv: "avskriven", en: "discarded")
        }
    }
}
