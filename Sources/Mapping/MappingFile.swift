/// One file of the mappings' directory, already read.
public struct MappingFile: Sendable, Hashable {
    /// Relative to the directory, with `/`: `unikum/duty.yaml`, `codes/title_code.csv`.
    public let path: String
    public let text: String

    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}
