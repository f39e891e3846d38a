import Hub
import KnutpunktApp

/// One step of a journey as a line.
extension TraceText {
    func branch(_ step: JourneyStep, _ journey: Journey) -> Branch {
        var parts = [self.word(step, journey)]
        if let time = step.time { parts.append(time) }
        if let milliseconds = step.milliseconds { parts.append("+\(Self.length(milliseconds))") }
        if let rule = step.rule { parts.append(rule) }
        if let sequence = step.sequence { parts.append("\(self.language(sv: "läge", en: "state")) \(sequence)") }
        if let code = step.code { parts.append(step.isOpen == true ? self.red(code) : code) }
        if step.kind == .delivered {
            parts.append(
                step.batch.map { self.language(sv: "sats \($0)", en: "batch \($0)") }
                    ?? self.language(sv: "inget behövde skrivas", en: "nothing had to be written"))
        }
        if let replay = step.replay { parts.append(replay) }
        if let person = step.person { parts.append(person) }
        if let reason = step.reason { parts.append(reason) }
        var branch = Branch(text: parts.joined(separator: "  "))
        if let text = step.text { branch.below.append(Branch(text: text)) }
        if self.isFull, let trace = step.batchTrace {
            branch.below.append(
                Branch(
                    text: self.language(sv: "anrop för flera poster: spår ", en: "requests for several records: trace ") + trace))
        }
        return branch
    }

    private func word(_ step: JourneyStep, _ journey: Journey) -> String {
        switch step.kind {
        case .read: self.language(sv: "läst ur", en: "read from") + " \(journey.source ?? "")"
        case .mapped: self.language(sv: "översatt", en: "mapped")
        case .taken: self.language(sv: "tagen", en: "taken")
        case .published: self.language(sv: "sänd och kvitterad", en: "published and confirmed")
        case .failed:
            self.language(sv: "misslyckat försök", en: "failed try") + " \(step.attempt ?? 1) (failure/\(step.failure ?? 0))"
                + (step.system.map { " \(self.language(sv: "i", en: "in")) \($0)" } ?? "")
        case .corrected: self.language(sv: "RÄTTAD", en: "CORRECTED")
        case .approved: self.language(sv: "rättelsen godkänd", en: "correction approved")
        case .undone: self.language(sv: "rättelsen ångrad", en: "correction undone")
        case .replayed: self.language(sv: "SÄND IGEN", en: "REPLAYED")
        case .delivered: self.language(sv: "framme", en: "delivered")
        case .discarded: self.language(sv: "AVSKRIVEN", en: "DISCARDED")
        case .overtaken: self.language(sv: "omsprungen av ett nyare läge", en: "overtaken by a newer state")
        }
    }

    /// 412 ms, 3.1 s, 2 min 5 s, 3 h 2 min, 2 d 4 h.
    static func length(_ milliseconds: Int) -> String {
        let seconds = milliseconds / 1000
        switch milliseconds {
        case ..<1000: return "\(milliseconds) ms"
        case ..<60_000: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3_600_000: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400_000: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }

    func red(_ text: String) -> String { self.isColoured ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
    func green(_ text: String) -> String { self.isColoured ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
}
