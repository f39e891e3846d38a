/// What loading the mappings came to.
public struct MappingLoad: Sendable {
    /// The mappings, or `nil` when a diagnostic is an error.
    public let set: MappingSet?
    /// Everything that was found, in the order of files and lines.
    public let diagnostics: [Diagnostic]
}
