import Foundation
import Hub
import Hummingbird

/// One request of somebody who is signed in.
struct Visit: Sendable {
    let user: ConsoleUser
    let language: Language
    /// What forms must send along.
    let csrf: String
    let path: String
    /// What the address is asked with.
    let query: Fields
    let parameters: Parameters

    /// A part of the path, e.g. the number in `/failed/17`.
    ///
    /// - Throws: ``ConsoleRefusal`` (404) when it isn't there or has another form.
    func parameter<Value: LosslessStringConvertible>(_ name: String, as type: Value.Type = String.self) throws -> Value {
        guard let text = self.parameters.get(name)?.removingPercentEncoding, let value = Value(text) else {
            throw ConsoleRefusal.unknownPage
        }
        return value
    }

    /// The address that was asked for, with what it was asked with.
    func address(_ path: String? = nil, keeping names: [String]) -> Address {
        var address = Address(path ?? self.path)
        for name in names { address = address.with(name, self.query[name]) }
        return address
    }
}

/// What a page answers with.
enum Reply: Sendable {
    /// HTML, ready.
    case html(String)
    /// Somewhere else in the console, by GET.
    case redirect(Address)
    /// A table for a spreadsheet.
    case csv(name: String, text: String)
    /// Parts of a page for as long as somebody looks.
    case live(AsyncStream<LiveEvent>)
}

/// A part of a page that has changed.
struct LiveEvent: Sendable, Hashable {
    /// HTML that takes the place of what was there.
    let html: String
    /// Nothing more will come.
    let isLast: Bool

    init(_ html: String, isLast: Bool = false) {
        self.html = html
        self.isLast = isLast
    }

    /// As server-sent events have it: each line of the text behind `data:`.
    var text: String {
        let lines = self.html.split(separator: "\n", omittingEmptySubsequences: false).map { "data: \($0)\n" }.joined()
        return (self.isLast ? "event: end\n" : "") + lines + "\n"
    }
}
