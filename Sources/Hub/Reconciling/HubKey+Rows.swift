import Foundation

extension HubKey {
    /// The bucket of a row: the first sixteen bits of the keyed hash by which the store finds who gives it.
    func rowBucket(kind: String, key: String) -> Int {
        Int(self.contentHash(Data("\(kind)|\(key)".utf8)).prefix(4), radix: 16) ?? 0
    }

    /// By which a row of a system is found again without storing its key, which holds personal data.
    public func rowMark(system: String, kind: String, key: String) -> String {
        self.contentHash(Data("row|\(system)|\(kind)|\(key)".utf8))
    }
}
