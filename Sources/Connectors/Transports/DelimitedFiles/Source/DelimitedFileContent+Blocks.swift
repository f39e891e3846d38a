import ConnectorKit
import SchoolRecords

extension DelimitedFileContent {
    /// Takes the blocks of a text, each as a row with its groups as parts.
    ///
    /// - Parameter origin: see ``init(_:_:system:origin:)``.
    mutating func take(
        blocks settings: TermBlocks, of text: String, _ file: DelimitedSourceSettings.File, _ system: String, origin: String
    ) throws(FileProblem) {
        let (blocks, unknown) = try settings.blocks(in: text)
        self.unknownColumns = unknown
        for (place, block) in blocks.enumerated() {
            do throws(FileProblem) {
                if let problem = block.problem { throw problem }
                let fields = block.fields.sorted { $0.key < $1.key }
                var row = try Self.row(
                    DelimitedTable.Row(line: block.line, fields: fields.map(\.value)), fields.map(\.key), file, system,
                    notice: file.content == .notices ? "\(origin)|\(place)" : nil)
                row.parts = block.parts
                self.take(row)
            } catch {
                self.broken.append(error)
            }
        }
    }
}
