import Foundation
import Synchronization

/// The questions that wait for an answer, by application. Kept in memory: after a start they are asked again.
final class OpenQuestions: Sendable {
    private struct Entry {
        let question: String
        let due: Date
    }

    private let entries = Mutex<[String: Entry]>([:])

    func ask(_ application: String, question: String, due: Date) {
        self.entries.withLock { $0[application] = Entry(question: question, due: due) }
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
