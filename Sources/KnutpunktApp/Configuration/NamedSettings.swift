/// A part of the configuration in which people give names of their own: `failed.rules.<name>.<setting>`.
struct NamedSettings: Sendable {
    /// A setting in a file or flag, and where it stands.
    struct Key: Sendable, Hashable {
        let name: String
        /// `nil` where a name stands with nothing below it.
        let setting: String?
        /// `hub.yaml:9:7`, or the flag.
        let place: String
        /// What stands there, in a file.
        let text: String?
        /// Whether it is given on the command line.
        let isFlag: Bool
    }

    /// What is before the names, e.g. `failed.rules`.
    let prefix: String
    /// The settings that a name may have.
    let known: [String]
    private(set) var keys: [Key] = []

    init(_ prefix: String, _ known: [String]) {
        self.prefix = prefix
        self.known = known
    }

    /// Takes a key that belongs here.
    ///
    /// - Returns: what is wrong with it; `nil` also for a key of another part (`isOwn` says which).
    mutating func take(
        _ path: [String], at place: String, text: String?, isFlag: Bool
    ) -> (isOwn: Bool, problem: String?) {
        let depth = self.prefix.split(separator: ".").count
        guard path.count > depth, path.prefix(depth).joined(separator: ".") == self.prefix else { return (false, nil) }
        let setting = path.dropFirst(depth + 1).joined(separator: ".")
        self.keys.append(
            Key(name: path[depth], setting: setting.isEmpty ? nil : setting, place: place, text: text, isFlag: isFlag))
        guard !setting.isEmpty, !self.known.contains(setting) else { return (true, nil) }
        return (
            true,
            "\(place): \(path.joined(separator: ".")) is no key. Known: \(self.known.joined(separator: ", "))."
        )
    }

    /// The names, in the order in which they first stand.
    var names: [String] {
        var seen: Set<String> = []
        return self.keys.map(\.name).filter { seen.insert($0).inserted }
    }

    /// Where a setting stands, or else the first one of its name.
    func place(of name: String, _ setting: String? = nil) -> String {
        let own = self.keys.filter { $0.name == name }
        return (own.first { $0.setting == setting } ?? own.first)?.place ?? self.prefix
    }

    /// `hub.yaml:9:7: failed.rules.night.at_most: …`
    func problem(_ name: String, _ setting: String?, _ text: String) -> String {
        let key = [self.prefix, name, setting].compactMap(\.self).joined(separator: ".")
        return "\(self.place(of: name, setting)): \(key): \(text)"
    }
}
