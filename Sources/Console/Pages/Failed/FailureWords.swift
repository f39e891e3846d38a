import Hub
import SchoolRecords

/// Words for failed messages, replays and what becomes of them.
struct FailureWords: Sendable {
    let language: Language

    init(_ language: Language) { self.language = language }

    func state(_ state: FailedMessage.State) -> String {
        switch state {
        case .failed: self.language(sv: "misslyckat", en: "failed")
        case .replaying: self.language(sv: "sänds igen", en: "being sent again")
        case .replayed: self.language(sv: "gick igenom", en: "came through")
        case .superseded: self.language(sv: "överspelat", en: "overtaken")
        case .discarded: self.language(sv: "kastat", en: "discarded")
        case .archived: self.language(sv: "arkiverat", en: "archived")
        }
    }

    func tone(_ state: FailedMessage.State) -> Tone {
        switch state {
        case .failed: .bad
        case .replaying: .warn
        case .replayed: .good
        case .superseded, .discarded, .archived: .plain
        }
    }

    func state(_ state: ReplayBatch.State) -> String {
        switch state {
        case .selected: self.language(sv: "vald, inget sänt", en: "chosen, nothing sent")
        case .running: self.language(sv: "pågår", en: "running")
        case .paused: self.language(sv: "pausad", en: "paused")
        case .stopped: self.language(sv: "stannade vid fel", en: "stopped at a failure")
        case .cancelled: self.language(sv: "avbruten", en: "cancelled")
        case .done: self.language(sv: "klar", en: "done")
        }
    }

    func tone(_ state: ReplayBatch.State) -> Tone {
        switch state {
        case .selected, .cancelled: .plain
        case .running, .paused: .warn
        case .stopped: .bad
        case .done: .good
        }
    }

    func outcome(_ outcome: ReplayItem.Outcome) -> String {
        switch outcome {
        case .selected: self.language(sv: "valda", en: "chosen")
        case .waiting: self.language(sv: "väntar på sin tur", en: "wait for their turn")
        case .sent: self.language(sv: "sända, utan svar än", en: "sent, no outcome yet")
        case .replayed: self.language(sv: "gick igenom", en: "came through")
        case .superseded: self.language(sv: "överspelade av nyare", en: "overtaken by newer ones")
        case .failed: self.language(sv: "misslyckades igen", en: "failed again")
        case .skipped: self.language(sv: "hoppades över", en: "left out")
        case .unsendable: self.language(sv: "kunde inte sändas", en: "couldn't be sent")
        case .cancelled: self.language(sv: "avbrutna", en: "cancelled")
        }
    }

    func forecast(_ outcome: ReplayForecast.Outcome) -> (text: String, tone: Tone) {
        switch outcome {
        case .sent: (self.language(sv: "sänds", en: "would be sent"), .good)
        case .unchanged: (self.language(sv: "systemet har det redan", en: "the system has it already"), .good)
        case .superseded: (self.language(sv: "ett nyare tillstånd är levererat", en: "a newer state was delivered"), .good)
        case .waits(let keys):
            (
                self.language(sv: "väntar på ", en: "would wait for ") + keys.sorted().map(\.description).joined(separator: ", "),
                .warn
            )
        case .stillFails(let failure):
            (self.language(sv: "misslyckas fortfarande: ", en: "still fails: ") + failure.message, .bad)
        case .asksSource: (self.language(sv: "källan frågas igen", en: "the source is asked again"), .plain)
        case .decidesAgain: (self.language(sv: "flödet avgör på nytt", en: "the flow decides again"), .plain)
        case .unsendable:
            (self.language(sv: "finns inte i registret, kan inte sändas", en: "not in the register, can't be sent"), .bad)
        case .nothingKept:
            (
                self.language(
                    sv: "inget var gjort av det, kan inte sändas som det var",
                    en: "nothing had been made of it, can't be sent as it was"), .bad
            )
        case .overtaken:
            (self.language(sv: "posten har ändrats sedan dess", en: "the record has changed since"), .warn)
        }
    }
}

extension FailureWords {
    /// Why a correction can't be made.
    func edit(_ refusal: EditRefusal) -> String {
        switch refusal.reason {
        case .unknown: self.language(sv: "Meddelandet finns inte.", en: "There is no such message.")
        case .notOpen(let state):
            self.language(
                sv: "Meddelandet är \(self.state(state)): det finns inget att rätta.",
                en: "The message is \(self.state(state)): there is nothing to correct.")
        case .inReplay:
            self.language(
                sv: "En omsändning har meddelandet. Avbryt den först.", en: "A replay has the message. Cancel it first.")
        case .edited(let person):
            self.language(
                sv: "Meddelandet är redan rättat av \(person).", en: "The message has been corrected by \(person) already.")
        case .overtaken:
            self.language(
                sv: "Posten har ändrats sedan den misslyckades. Sänd den igen som den är.",
                en: "The record has changed since it failed. Send it again as it is.")
        case .notEdited: self.language(sv: "Meddelandet är inte rättat.", en: "The message is not corrected.")
        case .ownEdit:
            self.language(
                sv: "En rättelse godkänns av någon annan än den som skrev den.",
                en: "A correction is approved by somebody else than who wrote it.")
        }
    }

    /// Why a replay can't do what was asked for.
    func replay(_ refusal: ReplayRefusal) -> String {
        switch refusal.reason {
        case .unknown: self.language(sv: "Omsändningen finns inte.", en: "There is no such replay.")
        case .notAllowed(let state):
            self.language(
                sv: "Omsändningen är \(self.state(state)) och kan inte göra det.",
                en: "The replay is \(self.state(state)) and can't do that.")
        }
    }
}
