/// A code table: `codes/<name>.csv`, with a line of column names.
final class CodeTable {
    let name: String
    let file: String
    let columns: [String]
    private let rows: [(line: Int, cells: [String])]
    /// Whether a mapping uses it.
    var isUsed = false

    /// Reads a file of comma-separated values (RFC 4180, UTF-8). Lines that begin with `#` are remarks.
    init?(_ file: MappingFile, _ diagnostics: Diagnostics) {
        self.file = file.path
        self.name = String(file.path.dropFirst("codes/".count).dropLast(".csv".count))
        func position(_ line: Int) -> Position { Position(file: file.path, line: line, column: 1) }
        var table: [(line: Int, cells: [String])] = []
        var isSound = true
        Self.read(file.text) { line, problem in
            diagnostics.error(problem, at: position(line))
            isSound = false
        } row: { line, cells in
            table.append((line, cells))
        }
        guard let header = table.first else {
            if isSound { diagnostics.error("the table has no line of column names", at: position(1)) }
            return nil
        }
        self.columns = header.cells
        for (index, column) in header.cells.enumerated() {
            if column.isEmpty { diagnostics.error("column \(index + 1) has no name", at: position(header.line)) }
            if header.cells.firstIndex(of: column) != index {
                diagnostics.error("column '\(column)' stands there more than once", at: position(header.line))
            }
        }
        for row in table.dropFirst() where row.cells.count != header.cells.count {
            diagnostics.error(
                "the row has \(row.cells.count) cells, and there are \(header.cells.count) columns", at: position(row.line))
        }
        self.rows = table.dropFirst().filter { $0.cells.count == header.cells.count }
    }

    /// The table from one column to another. Rows that disagree are errors.
    func codes(find: String, give: String, _ diagnostics: Diagnostics) -> [String: CodeLookup.Code]? {
        guard let from = self.columns.firstIndex(of: find), let to = self.columns.firstIndex(of: give) else { return nil }
        var codes: [String: CodeLookup.Code] = [:]
        for (line, cells) in self.rows where !cells[from].isEmpty {
            if let earlier = codes[cells[from]], earlier.text != cells[to] {
                diagnostics.error(
                    "'\(cells[from])' stands there more than once in column '\(find)', with different values of '\(give)'",
                    at: Position(file: self.file, line: line, column: 1))
            }
            codes[cells[from]] = CodeLookup.Code(text: cells[to], line: line)
        }
        return codes
    }

    private static func read(
        _ text: String, problem: (Int, String) -> Void, row: (Int, [String]) -> Void
    ) {
        var line = 1
        var rowLine = 1
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var wasQuoted = false
        var isRemark = false
        func endCell() {
            cells.append(wasQuoted ? cell : cell.trimmed)
            cell = ""
            wasQuoted = false
        }
        func endRow() {
            if !isRemark, !(cells.isEmpty && cell.trimmed.isEmpty) {
                endCell()
                row(rowLine, cells)
            }
            cells = []
            cell = ""
            wasQuoted = false
            isRemark = false
            rowLine = line
        }
        var characters = text.makeIterator()
        var pending: Character? = characters.next()
        if pending == "\u{FEFF}" { pending = characters.next() }
        while let character = pending {
            pending = characters.next()
            if isQuoted {
                if character == "\"", pending == "\"" {
                    cell.append("\"")
                    pending = characters.next()
                } else if character == "\"" {
                    isQuoted = false
                } else {
                    if character.isNewline { line += 1 }
                    cell.append(character)
                }
            } else if character.isNewline {
                line += 1
                endRow()
            } else if isRemark {
                continue
            } else if character == "#", cells.isEmpty, cell.isEmpty {
                isRemark = true
            } else if character == "," {
                endCell()
            } else if character == "\"", cell.trimmed.isEmpty, !wasQuoted {
                isQuoted = true
                wasQuoted = true
                cell = ""
            } else if wasQuoted {
                if !character.isWhitespace { problem(line, "text stands after a closing quotation mark") }
            } else {
                cell.append(character)
            }
        }
        if isQuoted { problem(rowLine, "a quotation mark isn't closed") }
        endRow()
    }
}

extension String {
    fileprivate var trimmed: String {
        guard let first = self.first, let last = self.last, first.isWhitespace || last.isWhitespace else { return self }
        let start = self.firstIndex { !$0.isWhitespace } ?? self.endIndex
        let end = self.lastIndex { !$0.isWhitespace }.map(self.index(after:)) ?? start
        return String(self[start..<end])
    }
}
