/// A transform at its place in a mapping.
final class TransformRule: Sendable {
    let transform: Transform
    /// As a person would write it on one line.
    let text: String
    /// Whether the text says all of it.
    let isWrittenOut: Bool

    init(transform: Transform, text: String, isWrittenOut: Bool) {
        self.transform = transform
        self.text = text
        self.isWrittenOut = isWrittenOut
    }
}
