import Foundation
import Hub
import Mustache

/// What a template shows, by the names that it uses: text, numbers, `Bool`, lists of the same, further views.
typealias View = [String: Any]

/// The console's pages as templates, built into the program: `Assets/*.mustache`.
struct Templates: Sendable {
    private let library: MustacheLibrary
    let words: Words

    /// - Throws: an error of the library for a template that isn't one; a test sees that none is.
    init() throws {
        var library = MustacheLibrary()
        for (name, text) in Assets.templates { try library.register(text, named: name) }
        self.library = library
        self.words = try Words(json: Assets.words)
    }

    /// A page, or a part of one.
    ///
    /// - Returns: HTML; every text of the view is escaped, unless the template says that it is HTML already.
    func render(_ name: String, _ view: View, in language: Language) -> String {
        var view = view
        view["w"] = self.words.view(language)
        view["lang"] = language.rawValue
        view["version"] = Assets.version
        return self.library.render(view, withTemplate: name) ?? ""
    }
}
