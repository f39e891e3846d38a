import Foundation
import Synchronization

/// A program of the operator's that keeps the hub's keys: `PROGRAM read` writes them to standard output, `PROGRAM write` gets them on standard
/// input. No key is ever an argument or in the environment.
struct KeyCommand {
    /// So long the program may take, in seconds.
    static let patience = 30.0

    private let command: [String]
    private let patience: Double

    init(_ command: [String], patience: Double = KeyCommand.patience) {
        self.command = command
        self.patience = patience
    }

    /// - Throws: ``AppError`` that says what the program did, and nothing that it said.
    func run(_ verb: String, input: Data? = nil) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.command.first ?? "")
        process.arguments = Array(self.command.dropFirst()) + [verb]
        let (output, given) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = given
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            throw self.failure(
                verb, sv: "kan inte startas. Ange ett program med hel sökväg",
                en: "can't be started. Give a program by its whole path")
        }
        let read = DispatchSemaphore(value: 0)
        let answer = Mutex(Data())
        DispatchQueue.global().async {
            let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
            answer.withLock { $0 = data }
            read.signal()
        }
        if let input { try? given.fileHandleForWriting.write(contentsOf: input) }
        try? given.fileHandleForWriting.close()
        let deadline = DispatchTime.now() + self.patience
        guard ended.wait(timeout: deadline) == .success, read.wait(timeout: deadline) == .success else {
            kill(process.processIdentifier, SIGKILL)
            throw self.failure(
                verb, sv: "svarade inte inom \(Int(self.patience)) sekunder",
                en: "gave no answer within \(Int(self.patience)) seconds")
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw self.failure(
                verb, sv: "slutade med status \(process.terminationStatus)", en: "ended with status \(process.terminationStatus)")
        }
        return answer.withLock { data in
            defer { data = Data() }
            return data
        }
    }

    private func failure(_ verb: String, sv: String, en: String) -> AppError {
        let program = self.command.first ?? ""
        return AppError(
            .configuration, sv: "store.key_command: \(program) \(verb) \(sv).", en: "store.key_command: \(program) \(verb) \(en)."
        )
    }
}
