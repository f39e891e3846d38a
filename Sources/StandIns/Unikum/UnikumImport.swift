/// Reads one file of objects or relations into the holdings, row by row, as Unikum documents it.
struct UnikumImport {
    let format: UnikumFormat
    let file: String
    private(set) var rows: [UnikumAppliedRow] = []
    private(set) var rejections: [UnikumRejection] = []

    init(format: UnikumFormat, file: String) {
        self.format = format
        self.file = file
    }

    /// Why a row is not taken.
    private struct Refusal: Error {
        let code: String
        let message: String
    }

    mutating func apply(_ bytes: [UInt8], part: UnikumAppliedFile.Part, to holdings: inout UnikumHoldings) {
        guard let text = self.decoded(bytes) else {
            self.rejections.append(
                UnikumRejection(file: self.file, line: 0, code: "encoding", message: "the file is not valid UTF-8"))
            return
        }
        let types = Dictionary(
            self.format.objectKinds.map { ($0.rowType, $0) }, uniquingKeysWith: { first, _ in first })
        let relations = Dictionary(
            self.format.relationKinds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var number = 0
        for ended in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let line = ended.last == 0x0D ? ended.dropLast() : ended
            if line.isEmpty || (number == 1 && self.format.hasHeader) { continue }
            do {
                switch part {
                case .objects: try self.object(String(Substring(line)), types, &holdings)
                case .relations: try self.relation(String(Substring(line)), relations, &holdings)
                }
            } catch {
                self.rejections.append(
                    UnikumRejection(file: self.file, line: number, code: error.code, message: error.message))
            }
        }
    }

    private func decoded(_ bytes: [UInt8]) -> String? {
        switch self.format.encoding {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .latin1:
            var text = ""
            text.reserveCapacity(bytes.count)
            for byte in bytes { text.unicodeScalars.append(UnicodeScalar(byte)) }
            return text
        }
    }

    // MARK: Objects

    private mutating func object(
        _ line: String, _ types: [String: UnikumFormat.ObjectKind], _ holdings: inout UnikumHoldings
    ) throws(Refusal) {
        let parts = Self.split(line, self.format.objectDelimiter)
        guard let kind = parts.last.flatMap({ types[String($0)] }) else {
            throw Refusal(code: "row-type", message: "the last column is no row type")
        }
        guard parts.count == kind.columns.count else {
            throw Refusal(
                code: "column-count", message: "a \(kind.name) has \(kind.columns.count) columns, not \(parts.count)")
        }
        var key = ""
        for (column, part) in zip(kind.columns, parts) {
            if part.isEmpty {
                guard !kind.required.contains(column) else {
                    throw Refusal(code: "required-field", message: "\(column) of a \(kind.name) is empty")
                }
                continue
            }
            if column == kind.key { key = String(part) }
            try self.check(column, part, of: kind)
        }
        let hadEffect = holdings.set(kind.name, key, line: line)
        self.rows.append(
            UnikumAppliedRow(
                kind: kind.name, key: key, operation: .set, contentHash: Self.hash(line), hadEffect: hadEffect))
    }

    private func check(_ column: String, _ part: Substring, of kind: UnikumFormat.ObjectKind) throws(Refusal) {
        switch column {
        case "":
            throw Refusal(code: "unused-column", message: "a column of a \(kind.name) that must be empty is not")
        case "personalNumber":
            guard UnikumFormat.isNumber(part) else {
                throw Refusal(
                    code: "number-form", message: "the number is not of the form ååååmmdd-nnnn or ååååmmdd-TFxx")
            }
        case "hideContact", "personalNotices", "schoolNotices", "systemNotices":
            guard part == "true" || part == "false" else {
                throw Refusal(code: "boolean", message: "\(column) is neither true nor false")
            }
        case "ageFrom", "ageTo":
            guard let age = Int(part), (0...120).contains(age) else {
                throw Refusal(code: "age", message: "\(column) is no age")
            }
        case "schoolForm":
            guard self.format.schoolForms.contains(String(part)) else {
                throw Refusal(code: "school-form", message: "the school form of a \(kind.name) is none of Unikum's")
            }
        default: break
        }
    }

    // MARK: Relations

    private mutating func relation(
        _ line: String, _ kinds: [String: UnikumFormat.RelationKind], _ holdings: inout UnikumHoldings
    ) throws(Refusal) {
        let parts = Self.split(line, self.format.relationDelimiter)
        guard parts.count == self.format.relationColumns.count else {
            throw Refusal(
                code: "column-count",
                message: "a relation has \(self.format.relationColumns.count) columns, not \(parts.count)")
        }
        var (operation, name, from, to) = ("", "", "", "")
        for (column, part) in zip(self.format.relationColumns, parts) {
            switch column {
            case .operation: operation = String(part)
            case .relation: name = String(part)
            case .from: from = String(part)
            case .to: to = String(part)
            }
        }
        guard let kind = kinds[name] else {
            throw Refusal(code: "relation", message: "the relation is none of Unikum's")
        }
        guard !from.isEmpty, !to.isEmpty else {
            throw Refusal(code: "required-field", message: "an end of \(name) is empty")
        }
        let hash = Self.hash(operation, name, from, to)
        let key = self.format.relationKey(from: from, to: to)
        switch operation {
        case "add":
            try Self.check(from, kind.from, name, holdings)
            try Self.check(to, kind.to, name, holdings)
            if name == "class_in_school", let school = holdings.school(ofClass: from), school != to {
                throw Refusal(
                    code: "class-in-two-schools", message: "the class belongs to another school; remove that first")
            }
            let hadEffect = holdings.add(name, from: from, to: to)
            self.rows.append(
                UnikumAppliedRow(kind: name, key: key, operation: .add, contentHash: hash, hadEffect: hadEffect))
        case "remove":
            let hadEffect = holdings.remove(name, from: from, to: to)
            self.rows.append(
                UnikumAppliedRow(kind: name, key: key, operation: .remove, contentHash: hash, hadEffect: hadEffect))
        default: throw Refusal(code: "operation", message: "the operation is neither add nor remove")
        }
    }

    private static func check(
        _ end: String, _ kinds: [String], _ relation: String, _ holdings: UnikumHoldings
    ) throws(Refusal) {
        guard let first = kinds.first, !kinds.contains(where: { holdings.objects[$0]?[end] != nil }) else { return }
        throw Refusal(
            code: "unknown-\(first)",
            message: "\(relation) refers to a \(kinds.joined(separator: " or ")) that Unikum doesn't hold")
    }

    // MARK: Bytes

    private static func split(_ line: String, _ delimiter: String) -> [Substring] {
        guard delimiter.utf8.count == 1, let byte = delimiter.utf8.first else {
            return line.split(separator: delimiter, omittingEmptySubsequences: false)
        }
        return line.utf8.split(separator: byte, omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ texts: String...) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0x1F) &* 0x100_0000_01B3
        }
        return hash
    }
}
