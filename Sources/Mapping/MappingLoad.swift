/// What loading the mappings came to.
public struct MappingLoad: Sendable {
    /// The mappings, or `nil` when a diagnostic is an error.
    public let set: MappingSet?
    /// See ``MappingSet/quality``; also when the mappings can't be used.
    public let quality: MappingFile?
    /// Everything that was found, in the order of files and lines.
    public let diagnostics: [Diagnostic]
}

extension MappingLoad {
    /// With what else is wrong in the files.
    public func adding(_ diagnostics: [Diagnostic]) -> MappingLoad {
        guard !diagnostics.isEmpty else { return self }
        let isWrong = diagnostics.contains { $0.severity == .error }
        return MappingLoad(
            set: isWrong ? nil : self.set, quality: self.quality,
            diagnostics: (self.diagnostics + diagnostics).sorted {
                ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message)
            })
    }
}
