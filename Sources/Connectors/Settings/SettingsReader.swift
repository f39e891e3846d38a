import Foundation
import SchoolRecords

/// Reads settings and collects every problem instead of stopping at the first.
///
/// Each question answers a usable value even when the setting is wrong, so that the next one can be asked; what was
/// read counts only when ``problems`` is empty.
struct SettingsReader {
    private let root: JSONValue
    private(set) var problems: [SettingProblem] = []

    init(_ root: JSONValue) {
        self.root = root
        if root.objectValue == nil { self.complain("", "must be names with values") }
    }

    mutating func complain(_ path: String, _ message: String) {
        self.problems.append(SettingProblem(path: path, message: message))
    }

    /// The value at a path; `null` counts as not there.
    func value(_ path: String) -> JSONValue? {
        var value = self.root
        for name in path.split(separator: ".") {
            guard let next = value[String(name)] else { return nil }
            value = next
        }
        return value.isNull ? nil : value
    }

    /// Complains about members of an object that nobody reads: a misspelt name must not go unnoticed.
    mutating func allowOnly(_ names: [String], in path: String) {
        guard let value = self.value(path) else { return }
        guard let members = value.objectValue else { return self.complain(path, "must be names with values") }
        for name in members.keys.sorted() where !names.contains(name) {
            self.complain("\(path).\(name)", "is no setting; known are \(names.joined(separator: ", "))")
        }
    }

    // MARK: Scalars

    mutating func text(_ path: String, default fallback: String? = nil) -> String {
        guard let value = self.value(path) else {
            if fallback == nil { self.complain(path, "is missing") }
            return fallback ?? ""
        }
        guard let text = value.stringValue, !text.isEmpty else {
            self.complain(path, "must be a text that is not empty")
            return fallback ?? ""
        }
        return text
    }

    mutating func flag(_ path: String, default fallback: Bool) -> Bool {
        guard let value = self.value(path) else { return fallback }
        guard let flag = value.boolValue else {
            self.complain(path, "must be true or false")
            return fallback
        }
        return flag
    }

    mutating func count(_ path: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        guard let value = self.value(path) else { return fallback }
        guard let number = value.integerValue, range.contains(Int(clamping: number)) else {
            self.complain(path, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return Int(number)
    }

    mutating func seconds(_ path: String, in range: ClosedRange<Double>, default fallback: Double) -> Double {
        guard let value = self.value(path) else { return fallback }
        var seconds: Double?
        if case .integer(let whole) = value { seconds = Double(whole) }
        if case .number(let number) = value { seconds = number }
        guard let seconds, range.contains(seconds) else {
            self.complain(path, "must be a number of seconds from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return seconds
    }

    mutating func choice<Value>(_ path: String, of values: [(name: String, value: Value)], default fallback: Value) -> Value {
        guard let value = self.value(path) else { return fallback }
        if let text = value.stringValue, let chosen = values.first(where: { $0.name == text }) { return chosen.value }
        self.complain(path, "must be one of \(values.map(\.name).joined(separator: ", "))")
        return fallback
    }

    mutating func texts(_ path: String, allowsEmptyTexts: Bool = false) -> [String] {
        guard let value = self.value(path) else {
            self.complain(path, "is missing")
            return []
        }
        guard let elements = value.arrayValue, !elements.isEmpty else {
            self.complain(path, "must be a list that is not empty")
            return []
        }
        var texts: [String] = []
        for (position, element) in elements.enumerated() {
            let text = element.isNull && allowsEmptyTexts ? "" : element.stringValue
            if let text, allowsEmptyTexts || !text.isEmpty {
                texts.append(text)
            } else {
                self.complain("\(path)[\(position)]", "must be a text")
            }
        }
        return texts
    }

    // MARK: Addresses, secrets, files

    /// An `http` or `https` address without user, query and fragment, without a slash at its end.
    mutating func address(_ path: String) -> String {
        let text = self.text(path)
        guard !text.isEmpty else { return text }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else {
            self.complain(path, "must be an address such as https://server.example/path")
            return ""
        }
        if parts.user != nil || parts.password != nil || parts.query != nil || parts.fragment != nil {
            self.complain(path, "must hold no user, password, query or fragment; credentials have settings of their own")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// `{env: NAME}` or `{file: path}`; where `allowsPlain`, also the text itself.
    mutating func secret(_ path: String, allowsPlain: Bool) -> SecretReference {
        let nothing = SecretReference(setting: path, place: .plain(""))
        guard let value = self.value(path) else {
            self.complain(path, "is missing; write {env: NAME} or {file: path}")
            return nothing
        }
        if let text = value.stringValue {
            guard allowsPlain, !text.isEmpty else {
                self.complain(path, "must not stand here itself; write {env: NAME} or {file: path}")
                return nothing
            }
            return SecretReference(setting: path, place: .plain(text))
        }
        if let members = value.objectValue, members.count == 1 {
            if let name = members["env"]?.stringValue, !name.isEmpty {
                return SecretReference(setting: path, place: .environment(name))
            }
            if let file = members["file"]?.stringValue, !file.isEmpty {
                return SecretReference(setting: path, place: .file(file))
            }
        }
        self.complain(path, "must be {env: NAME} or {file: path}")
        return nothing
    }

    /// The path of a file, as text or as `{file: path}`; `nil` when the setting isn't there.
    mutating func file(_ path: String) -> String? {
        guard let value = self.value(path) else { return nil }
        guard let file = value.stringValue ?? value["file"]?.stringValue, !file.isEmpty else {
            self.complain(path, "must be the path of a file")
            return nil
        }
        return file
    }
}
