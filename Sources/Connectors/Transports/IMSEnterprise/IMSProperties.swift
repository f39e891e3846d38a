/// What a document says of itself.
struct IMSProperties: Sendable, Hashable {
    var type: String?
    var schoolType: String?
    /// When it was made, by the other system's clock.
    var made: WallClock?

    init(_ tree: XMLTree) {
        self.type = tree.value("type")
        self.schoolType = tree.value("schooltype")
        self.made = tree.value("datetime").flatMap { WallClock($0) }
    }
}
