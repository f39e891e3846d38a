import ConnectorKit
import Foundation
import SchoolRecords

/// What became of a file, to be read by those who made it. It names lines and columns, never what stands in them.
struct FileReport: Sendable {
    /// After the file's own name.
    static let suffix = ".report.txt"

    private static let mostLines = 100

    let name: String
    let bytes: Int
    let time: Date
    private var lines: [String] = []
    private(set) var isRejected = false
    private var rejections: [String] = []

    init(name: String, bytes: Int, time: Date) {
        self.name = name
        self.bytes = bytes
        self.time = time
    }

    /// The reasons for a rejection in words for logs.
    var codes: String { self.rejections.joined(separator: ", ") }

    mutating func add(
        _ file: DelimitedSourceSettings.File, _ content: DelimitedFileContent, _ counts: (new: Int, changed: Int, gone: Int)
    ) {
        self.lines.append(
            "\(file.entity.rawValue): \(content.rows.count) records, of which \(counts.new) new and \(counts.changed) changed; "
                + "\(counts.gone) gone")
        if content.duplicates > 0 { self.lines.append("  rows whose key came before, the last counts: \(content.duplicates)") }
        if content.unknownColumns > 0 {
            self.lines.append("  \(file.blocks == nil ? "columns" : "terms") passed over: \(content.unknownColumns)")
        }
        if !content.broken.isEmpty {
            self.lines.append("  rows that can't be used: \(content.broken.count)")
            if file.content == .full { self.lines.append("  nothing was taken away, since any row may be one of these") }
        }
        self.list(content.broken)
    }

    mutating func reject(_ file: DelimitedSourceSettings.File, _ problem: FileProblem) {
        self.isRejected = true
        self.rejections.append(problem.code.rawValue)
        self.lines.append("\(file.entity.rawValue): rejected")
        self.list([problem])
    }

    private mutating func list(_ problems: [FileProblem]) {
        for problem in problems.prefix(Self.mostLines) {
            self.lines.append("  \(problem.line.map { "line \($0): " } ?? "")\(problem.message) [\(problem.code.rawValue)]")
        }
        if problems.count > Self.mostLines { self.lines.append("  and \(problems.count - Self.mostLines) more") }
    }

    /// The report as text.
    var text: String {
        let head = [
            "file: \(self.name)", "bytes: \(self.bytes)", "read: \(Instant.text(self.time))",
            "outcome: \(self.isRejected ? "rejected, nothing of it was taken" : "taken")",
        ]
        return (head + self.lines).joined(separator: "\n") + "\n"
    }
}
