/// A transform at its place in a mapping.
struct TransformRule: Sendable {
    let transform: Transform
    /// As a person would write it on one line.
    let text: String
}
