import ConnectorKit
import Foundation

/// What is wrong at one place of a request. The value itself isn't repeated.
struct APIFault: Sendable, Hashable {
    /// Where: a JSON pointer into the body (RFC 6901), or the name of a parameter or header.
    let pointer: String
    let text: Bilingual

    init(pointer: String, sv: String, en: String) {
        self.pointer = pointer
        self.text = Bilingual(sv: sv, en: en)
    }

    /// A name within a pointer; one that somebody made up is cut.
    static func escaped(_ name: String) -> String {
        String(name.prefix(60)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
