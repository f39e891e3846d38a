/// A `when` of a file, a row or a value: all its parts must hold.
final class WhenRule: Sendable {
    struct Part: Sendable {
        let condition: Condition
        /// As it is written in the file.
        let text: String
        /// Whether the text says all of it, and nothing else does.
        let isWrittenOut: Bool
        let position: Position
    }

    let parts: [Part]
    /// Where whether it holds is kept for other rules that say the same.
    let sharedPlace: Int?

    init(_ parts: [Part], sharedPlace: Int? = nil) {
        self.parts = parts
        self.sharedPlace = sharedPlace
    }
}
