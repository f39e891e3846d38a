/// Where something stands in a mapping file.
struct Position: Sendable, Hashable {
    let file: String
    let line: Int
    let column: Int

    func moved(by characters: Int) -> Position {
        Position(file: self.file, line: self.line, column: self.column + characters)
    }
}
