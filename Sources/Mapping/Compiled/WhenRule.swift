/// A `when` of a file, a row or a value: all its parts must hold.
final class WhenRule: Sendable {
    struct Part: Sendable {
        let condition: Condition
        /// As it is written in the file.
        let text: String
        let position: Position
    }

    let parts: [Part]

    init(_ parts: [Part]) { self.parts = parts }
}
