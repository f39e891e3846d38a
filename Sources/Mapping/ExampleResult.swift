/// How an example of a mapping file came out.
public struct ExampleResult: Sendable, Hashable {
    /// Relative to the mappings' directory.
    public let file: String
    /// Where the example begins, from 1.
    public let line: Int
    public let name: String?
    public let passed: Bool
    /// What came out otherwise than the example says; `nil` when it passed.
    public let difference: String?
}
