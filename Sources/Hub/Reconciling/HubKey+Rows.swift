import Foundation

extension HubKey {
    /// By which a row of a system is found again without storing its key, which holds personal data.
    public func rowMark(system: String, kind: String, key: String) -> String {
        self.contentHash(Data("row|\(system)|\(kind)|\(key)".utf8))
    }
}
