import SchoolRecords

extension TermBlocks {
    /// Reads the settings of a file's blocks.
    ///
    /// ```yaml
    /// blocks:
    ///   word: "#UP"              # what a line with a term begins with
    ///   first: "01001"           # the term with which a block begins
    ///   begin: "#POST_START"     # lines before and after a block, where there are such
    ///   end: "#POST_SLUT"
    ///   terms: {number: "01001", secrecy: "01003"}
    ///   groups: {first: "02001", terms: {number: "02001", kind: "02003"}}   # several in a block, as `rows`
    /// ```
    init(_ reader: inout SettingsReader) {
        reader.allowOnly(["word", "first", "begin", "end", "terms", "groups"], in: "blocks")
        self.word = reader.text("blocks.word", default: "#UP")
        self.first = reader.text("blocks.first")
        self.begin = reader.value("blocks.begin") == nil ? nil : reader.text("blocks.begin")
        self.end = reader.value("blocks.end") == nil ? nil : reader.text("blocks.end")
        if self.end != nil, self.begin == nil { reader.complain("blocks.end", "goes with begin") }
        self.names = Self.names(&reader, "blocks.terms")
        if reader.value("blocks.groups") != nil {
            reader.allowOnly(["first", "terms"], in: "blocks.groups")
            self.group = Group(
                first: reader.text("blocks.groups.first"), names: Self.names(&reader, "blocks.groups.terms"))
        }
        for name in ["id", "meta", "rows"] where self.names.values.contains(name) {
            reader.complain("blocks.terms.\(name)", "is a name that a document has of its own")
        }
        if let group = self.group, self.names.keys.contains(where: { $0 == group.first || group.names[$0] != nil }) {
            reader.complain("blocks.groups.terms", "must be other terms than those of the block")
        }
    }

    /// Term → name.
    private static func names(_ reader: inout SettingsReader, _ path: String) -> [String: String] {
        let members = reader.value(path)?.objectValue ?? [:]
        if members.isEmpty { reader.complain(path, "must be names with their terms, e.g. number: \"01001\"") }
        var names: [String: String] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let term = value.stringValue, !term.isEmpty, term.allSatisfy({ $0.isASCII && $0.isNumber }) else {
                reader.complain("\(path).\(name)", "must be a term in quotes, e.g. \"01001\"")
                continue
            }
            if names.updateValue(name, forKey: term) != nil { reader.complain("\(path).\(name)", "has the term of another name") }
        }
        return names
    }
}
