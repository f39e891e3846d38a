import Foundation

/// An address of the console: a path and what it is asked with, in the order in which it is given.
struct Address: Sendable, Hashable, CustomStringConvertible {
    let path: String
    private(set) var items: [(name: String, value: String)] = []

    /// - Parameter items: those without a value, or an empty one, are left out.
    init(_ path: String, _ items: KeyValuePairs<String, String?> = [:]) {
        self.path = path
        for (name, value) in items { if let value, !value.isEmpty { self.items.append((name, value)) } }
    }

    /// A path of these parts; each may hold any character.
    init(parts: [String], _ items: KeyValuePairs<String, String?> = [:]) {
        self.init("/" + parts.map { Self.encoded($0) }.joined(separator: "/"), items)
    }

    /// The same with another value under a name; without it for `nil`.
    func with(_ name: String, _ value: String?) -> Address {
        var address = self
        address.items.removeAll { $0.name == name }
        if let value, !value.isEmpty { address.items.append((name, value)) }
        return address
    }

    var description: String {
        guard !self.items.isEmpty else { return self.path }
        return self.path + "?"
            + self.items.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    static func == (left: Address, right: Address) -> Bool { left.description == right.description }
    func hash(into hasher: inout Hasher) { hasher.combine(self.description) }

    /// Letters and digits of ASCII and `-._~` as they are, all else in percent form (RFC 3986, section 2.3).
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}

/// What an address is asked with, or what a form holds (`application/x-www-form-urlencoded`).
struct Fields: Sendable, Hashable {
    private var values: [String: [String]] = [:]

    /// - Parameter encoded: `name=value&name=value`; names without a value have an empty one.
    init(encoded: String) {
        for pair in encoded.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = parts.count > 1 ? Self.decoded(parts[1]) : "" else { continue }
            self.values[name, default: []].append(value)
        }
    }

    init(_ values: [String: [String]] = [:]) { self.values = values }

    /// The first value under a name, without spaces around it; `nil` when it is empty or not there.
    subscript(_ name: String) -> String? {
        guard let text = self.values[name]?.first?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
            return nil
        }
        return text
    }

    /// The first value under a name as it is, e.g. a password.
    func exactly(_ name: String) -> String { self.values[name]?.first ?? "" }

    var names: [String] { self.values.keys.sorted() }

    func all(_ name: String) -> [String] { self.values[name] ?? [] }

    func number(_ name: String) -> Int? { self[name].flatMap(Int.init) }

    func isTicked(_ name: String) -> Bool { self.values[name] != nil }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
