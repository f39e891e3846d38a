import Foundation
import Messaging

/// A node's operating system process, ours or a left-over of an earlier hub.
struct NodeProcess: Sendable, Equatable {
    let id: pid_t
    /// Clock ticks since boot; tells a process from a later one of the same number.
    let start: UInt64

    init?(id: pid_t) {
        guard let status = Self.status(id), !status.isDead else { return nil }
        self.id = id
        self.start = status.start
    }

    /// Whether it runs. A dead child of ours is taken off the system's list.
    var isAlive: Bool {
        guard let now = Self.status(self.id), now.start == self.start else { return false }
        guard now.isDead else { return true }
        var status: CInt = 0
        unsafe waitpid(self.id, &status, WNOHANG)
        return false
    }

    func signal(_ signal: CInt) {
        guard self.isAlive else { return }
        kill(self.id, signal)
    }

    /// The whole session: the node's own small helpers too.
    func killAll() {
        guard self.isAlive else { return }
        kill(-self.id, SIGKILL)
        kill(self.id, SIGKILL)
    }

    /// The node that runs on this directory, by its environment: also one that no state file tells of.
    static func running(in directory: NodeDirectory, recorded: pid_t?) -> NodeProcess? {
        let mark = Array("RABBITMQ_MNESIA_DIR=\(directory.data)".utf8)
        func runsHere(_ id: pid_t) -> Bool {
            guard let environment = FileManager.default.contents(atPath: "/proc/\(id)/environ") else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
        }
        if let recorded, runsHere(recorded), let process = NodeProcess(id: recorded) { return process }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for id in names.compactMap({ pid_t($0) }) where Self.name(id) == "beam.smp" && runsHere(id) {
            if let process = NodeProcess(id: id) { return process }
        }
        return nil
    }

    private static func name(_ id: pid_t) -> String? {
        FileManager.default.contents(atPath: "/proc/\(id)/comm").map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines)
        }
    }

    /// From `/proc/<id>/stat`; the name in it may hold spaces and parentheses, so fields are counted behind the last one.
    private static func status(_ id: pid_t) -> (start: UInt64, isDead: Bool)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let start = UInt64(fields[19]), let threads = Int(fields[17]) else { return nil }
        // The first thread may be a zombie while others still hold ports and files.
        return (start, (fields[0] == "Z" || fields[0] == "X") && threads <= 1)
    }
}
