import Foundation
import Testing

@testable import Console

@Suite("The console's templates")
struct TemplateTests {
    @Test func `every word that a template shows is there in both languages`() throws {
        let templates = try Templates()
        let names = templates.words.names
        for (template, text) in Assets.templates {
            for match in text.matches(of: /\{\{w\.([A-Za-z.]+)\}\}/) {
                #expect(names.contains(String(match.1)), "\(template): w.\(match.1)")
            }
        }
    }

    @Test func `every word is shown by some template`() throws {
        let text = Assets.templates.values.joined()
        for name in try Templates().words.names {
            let isShown = text.contains("{{w.\(name)}}")
            #expect(isShown, "\(name)")
        }
    }

    @Test func `no template writes script or style into a page, which its policy forbids`() {
        for (template, text) in Assets.templates {
            #expect(!text.contains("<style") && !text.contains(" style=") && !text.contains(" onclick="), "\(template)")
            #expect(!text.contains("<script>"), "\(template)")
        }
    }
}
