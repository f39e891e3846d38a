import Foundation
import Synchronization

/// The questions that wait for an answer, by application. Kept in memory: after a start they are asked again.
final class OpenQuestions: Sendable {
    private struct Entry {
        let question: String
        let due: Date
        var isAsked = false
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// - Returns: whether the question is still to be asked: the broker doesn't have it from this run of the hub.
    func wants(_ application: String, question: String, due: Date) -> Bool {
        self.entries.withLock { entries in
            if let entry = entries[application], entry.question == question { return !entry.isAsked }
            entries[application] = Entry(question: question, due: due)
            return true
        }
    }

    /// The broker has the question.
    func wasAsked(_ application: String, question: String) {
        self.entries.withLock { if $0[application]?.question == question { $0[application]?.isAsked = true } }
    }

    /// - Parameter question: close this one alone, not one asked since.
    func close(_ application: String, question: String? = nil) {
        self.entries.withLock { entries in
            if question == nil || entries[application]?.question == question { entries[application] = nil }
        }
    }

    func overdue(at now: Date) -> [(application: String, question: String, due: Date)] {
        self.entries.withLock { entries in
            entries.filter { $0.value.due <= now }.map { ($0.key, $0.value.question, $0.value.due) }
                .sorted { ($0.due, $0.application) < ($1.due, $1.application) }
        }
    }
}
