import Foundation

extension HubConfiguration {
    /// An address to listen at.
    struct ListenAddress: Sendable, Hashable {
        let host: String
        let port: Int

        /// Reads `host:port`, `[::1]:port`, or a port alone (then on loopback).
        init?(_ text: String) {
            let cut = text.lastIndex(of: ":")
            guard let port = Int(cut.map { text[text.index(after: $0)...] } ?? text[...]), (0...65_535).contains(port) else {
                return nil
            }
            var host = cut.map { String(text[..<$0]) } ?? "127.0.0.1"
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            guard !host.isEmpty, !host.contains(where: { $0 == "/" || $0.isWhitespace }) else { return nil }
            self.host = host
            self.port = port
        }
    }

    /// What in `http.*` can't be used, each with what to do.
    var httpProblems: [String] {
        var problems: [String] = []
        for (key, text) in [("http.listen", self.httpListen), ("http.operations", self.httpOperations)] {
            guard let text, ListenAddress(text) == nil else { continue }
            problems.append("\(key): \"\(text)\" is no address to listen at. Write host:port, e.g. 127.0.0.1:8085.")
        }
        if let text = self.httpPublicURL {
            let parts = URLComponents(string: text)
            if !["http", "https"].contains(parts?.scheme ?? "") || parts?.host?.isEmpty ?? true || parts?.query != nil
                || parts?.user != nil
            {
                problems.append("http.public_url: it must be an address such as https://hub.kommun.example, without query.")
            }
        }
        return problems
    }
}
