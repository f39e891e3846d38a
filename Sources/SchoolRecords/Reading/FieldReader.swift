/// Reads the fields of one JSON object, tolerant in form and strict in meaning.
///
/// `null` counts as left out. A number is taken where the standard has a text and the other way round, since servers
/// differ in that (SS 12000 itself has `municipalityCode` both ways).
///
/// A reader with a recorder reads nothing: it notes what it is asked for and answers with something that is valid.
struct FieldReader {
    let entity: Entity
    let recorder: ShapeRecorder?
    private let members: JSONObject

    init(_ json: JSONValue, entity: Entity) throws(RecordError) {
        guard case .object(let members) = json else {
            throw RecordError(entity: entity, field: "", problem: "is no JSON object")
        }
        self.init(entity: entity, members: members, recorder: nil)
    }

    init(recorder: ShapeRecorder) {
        self.init(entity: .organisation, members: JSONObject(), recorder: recorder)
    }

    private init(entity: Entity, members: JSONObject, recorder: ShapeRecorder?) {
        self.entity = entity
        self.members = members
        self.recorder = recorder
    }

    /// The same object, with a field under its right name where it came under another.
    func reading(_ other: String, as name: String) -> FieldReader {
        guard let value = self.members[other], self.value(name) == nil else { return self }
        var members = self.members
        members[name] = value
        return FieldReader(entity: self.entity, members: members, recorder: self.recorder)
    }

    func error(_ name: String, _ problem: String) -> RecordError {
        RecordError(entity: self.entity, field: name, problem: problem)
    }

    func value(_ name: String) -> JSONValue? {
        guard let value = self.members[name], value != .null else { return nil }
        return value
    }

    func elements(_ name: String) throws(RecordError) -> [JSONValue]? {
        guard let value = self.value(name) else { return nil }
        guard case .array(let elements) = value else { throw self.error(name, "is no list") }
        return elements
    }

    func required<Value>(_ name: String, _ value: Value?) throws(RecordError) -> Value {
        self.recorder?.required.insert(name)
        guard let value else { throw self.error(name, "is missing") }
        return value
    }

    /// A field that every record has that is kept. What a source says may have another in its place, by which the hub finds it.
    func required<Value>(_ name: String, _ value: Value?, orBy other: String) throws(RecordError) -> Value? {
        self.recorder?.required.insert(name)
        self.recorder?.alternatives[name] = other
        guard value != nil || self.value(other) != nil else { throw self.error(name, "is missing, and \(other) too") }
        return value
    }
}

extension FieldReader {
    func object<Part: RecordPart>(_ name: String, _ type: Part.Type = Part.self) throws(RecordError) -> Part? {
        if let recorder { recorder.note(name, Part.fieldShape) }
        return try self.part(name)
    }

    func list<Part: RecordPart>(_ name: String, _ type: Part.Type = Part.self) throws(RecordError) -> [Part]? {
        if let recorder { recorder.note(name, .list(Part.fieldShape)) }
        return try self.parts(name)
    }

    /// A reference to a record of a kind; one to a person is a ``PersonReference``, read with ``object(_:_:)``.
    func reference(_ name: String, to entity: Entity) throws(RecordError) -> Reference? {
        if let recorder { recorder.note(name, .reference(entity)) }
        return try self.part(name)
    }

    func references(_ name: String, to entity: Entity) throws(RecordError) -> [Reference]? {
        if let recorder { recorder.note(name, .list(.reference(entity))) }
        return try self.parts(name)
    }

    private func part<Part: RecordPart>(_ name: String) throws(RecordError) -> Part? {
        if self.recorder != nil { return try Part(FieldReader(recorder: ShapeRecorder())) }
        guard let value = self.value(name) else { return nil }
        do throws(RecordError) { return try Part(FieldReader(value, entity: self.entity)) } catch { throw error.within(name) }
    }

    private func parts<Part: RecordPart>(_ name: String) throws(RecordError) -> [Part]? {
        if self.recorder != nil { return [] }
        guard let elements = try self.elements(name) else { return nil }
        var values: [Part] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do throws(RecordError) { values.append(try Part(FieldReader(element, entity: self.entity))) } catch {
                throw error.within("\(name)[\(index)]")
            }
        }
        return values
    }
}
