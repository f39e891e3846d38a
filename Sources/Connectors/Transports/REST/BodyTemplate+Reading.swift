import Mapping
import SchoolRecords

extension BodyTemplate {
    /// Complains about texts that look like places and are none.
    static func complain(about template: JSONValue, _ path: String, _ reader: inout SettingsReader) {
        switch template {
        case .string(let text):
            guard text.contains("{") || text.contains("}"), BodyPlace(text) == nil else { return }
            let forms = BodyPlace.Form.allCases.map(\.rawValue).joined(separator: ", ")
            reader.complain(path, "is no place for a field: write {field} or {field:form} alone, form being one of \(forms)")
        case .array(let elements):
            for (position, element) in elements.enumerated() { self.complain(about: element, "\(path)[\(position)]", &reader) }
        case .object(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                self.complain(about: member, "\(path).\(name)", &reader)
            }
        default: return
        }
    }
}
