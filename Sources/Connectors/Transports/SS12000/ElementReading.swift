import ConnectorKit
import SchoolRecords

/// Takes the elements of a page apart, one by one: what can't be used is told, the rest goes on.
enum ElementReading {
    /// - Parameter path: the list, for messages.
    static func page(_ page: ListPage, of entity: Entity, path: String) throws(ConnectorFailure) -> SourcePage {
        guard let elements = page.data.arrayValue else {
            throw ConnectorFailure(
                .malformedReply, code: .wrongShape,
                message: "\(path), page \(page.number), has data that is no list; check connection.api_path and the endpoints")
        }
        var result = SourcePage()
        result.records.reserveCapacity(elements.count)
        for (position, element) in elements.enumerated() {
            if let id = Self.id(element) {
                result.records.append(SourceRecord(key: RecordKey(entity, id), document: element))
            } else {
                let what = element.objectValue == nil ? "is no object" : "has no usable id"
                let failure = ConnectorFailure(
                    .malformedReply, code: .recordWithoutID,
                    message: "element \(position + 1) of \(path), page \(page.number), \(what)")
                result.broken.append(BrokenRecord(key: nil, failure: failure))
            }
        }
        return result
    }

    /// The id of an element in its one form: a text, or a whole number as some servers write it.
    static func id(_ element: JSONValue) -> String? {
        guard element.objectValue != nil, let id = element["id"] else { return nil }
        return Self.usable(id)
    }

    /// An id that can stand in a path and in a message: 1 to 200 visible characters.
    static func usable(_ id: JSONValue) -> String? {
        let text = id.stringValue ?? id.integerValue.map { String($0) } ?? ""
        guard (1...200).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { return nil }
        return RecordKey.normalID(text)
    }
}
