import Foundation
import Synchronization

/// Directories for the nodes of tests. They never outlive the test process, however it ends, nor does what runs in them.
package enum NodeFolder {
    /// The inputs of the guards, open as long as this process lives.
    private static let inputs = Mutex<[Pipe]>([])

    /// A new directory, with a shell that waits for the end of this process (its input ends then) and cleans up after it.
    package static func make() throws -> String {
        let directory =
            FileManager.default.temporaryDirectory.path + "/knutpunkt-test-\(UUID().uuidString.prefix(8).lowercased())"
        let pipe = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            trap '' INT TERM HUP; cat > /dev/null
            for process in /proc/[0-9]*; do
                if tr '\\0' '\\n' < $process/environ 2> /dev/null | grep -qxF "RABBITMQ_MNESIA_BASE=$0"; then
                    kill -CONT ${process#/proc/}; kill -KILL ${process#/proc/}
                fi
            done
            rm -rf "$0"
            """, directory,
        ]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        Self.inputs.withLock { $0.append(pipe) }
        return directory
    }
}
