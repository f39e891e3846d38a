import Foundation

/// How the Unikum stand-in misbehaves, at run time.
extension UnikumStandIn {
    /// Goes away: the drop folder is renamed, so that whoever would write there finds it missing.
    ///
    /// - Throws: ``StandInError`` when it can't be renamed.
    public func goDown() throws(StandInError) {
        guard !self.down else { return }
        try Self.attempt("the drop folder \(self.dropFolder) can't be taken away") {
            try FileManager.default.moveItem(atPath: self.dropFolder, toPath: self.hiddenFolder)
        }
        self.down = true
        self.bell.ring()
    }

    /// Comes back with the drop folder and what was in it.
    ///
    /// - Throws: ``StandInError`` when a folder of that name with files in it is there by now.
    public func comeBack() throws(StandInError) {
        guard self.down else { return }
        try Self.attempt("the drop folder \(self.dropFolder) can't be put back; is there another in its place?") {
            if let names = try? FileManager.default.contentsOfDirectory(atPath: self.dropFolder), names.isEmpty {
                try FileManager.default.removeItem(atPath: self.dropFolder)
            }
            try FileManager.default.moveItem(atPath: self.hiddenFolder, toPath: self.dropFolder)
        }
        self.down = false
        self.bell.ring()
    }

    private nonisolated var hiddenFolder: String { self.dropFolder + ".away" }

    /// Whether it is away.
    public var isDown: Bool { self.down }

    /// Leaves files where they are from now on; the folder stays.
    public func stopCollecting() { self.collects = false }

    /// Collects again.
    public func resumeCollecting() { self.collects = true }

    /// Waits this long before each file; `nil` not at all.
    public func setDelay(_ delay: Duration?) { self.delay = delay }
}
