import Foundation
public import SchoolRecords

extension MappingSet {
    /// Reads the files below a directory and checks them: `*.yaml` in each system's folder and its `in` and `out`,
    /// and `*.csv` in `codes/`.
    ///
    /// What can't be read is a diagnostic like any other; the order of files on the disk doesn't matter.
    ///
    /// - Parameter adjust: a system's settings as they hold, given its name and what its `system.yaml` says.
    public static func load(
        directory: String, adjust: @escaping (String, JSONValue) -> JSONValue = { _, settings in settings }
    ) -> MappingLoad {
        let diagnostics = Diagnostics()
        return MappingLoader(Self.files(directory: directory, diagnostics), diagnostics, adjust: adjust).load()
    }

    /// Reads the files that ``load(directory:adjust:)`` reads; what can't be read is left out.
    public static func files(directory: String) -> [MappingFile] { Self.files(directory: directory, Diagnostics()) }

    private static func files(directory: String, _ diagnostics: Diagnostics) -> [MappingFile] {
        let root = URL(fileURLWithPath: directory, isDirectory: true)
        func problem(_ message: String, _ file: String, hint: String? = nil) {
            diagnostics.error(message, at: Position(file: file, line: 1, column: 1), hint: hint)
        }
        func entries(_ path: String) -> [String] {
            let place = path.isEmpty ? root : root.appendingPathComponent(path)
            do {
                return try FileManager.default.contentsOfDirectory(atPath: place.path)
                    .filter { !$0.hasPrefix(".") }.sorted().map { path.isEmpty ? $0 : "\(path)/\($0)" }
            } catch {
                problem(
                    "the directory can't be read", path.isEmpty ? directory : "\(directory)/\(path)",
                    hint: "check the path and the rights on it")
                return []
            }
        }
        func isDirectory(_ path: String) -> Bool {
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path, isDirectory: &isDirectory)
                && isDirectory.boolValue
        }
        var files: [MappingFile] = []
        let folders = EntityFilePlace.folders.keys
        let paths = entries("").flatMap { isDirectory($0) ? entries($0) : [$0] }
            .flatMap { path in
                folders.contains { path.hasSuffix("/\($0)") } && isDirectory(path) ? entries(path) : [path]
            }
        for path in paths {
            guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") || (path.hasPrefix("codes/") && path.hasSuffix(".csv")) else {
                continue
            }
            guard let data = FileManager.default.contents(atPath: root.appendingPathComponent(path).path) else {
                problem("the file can't be read", path, hint: "check the rights on it")
                continue
            }
            guard let text = String(data: data, encoding: .utf8) else {
                problem("the file is no UTF-8", path, hint: "save it as UTF-8")
                continue
            }
            files.append(MappingFile(path: path, text: text))
        }
        if files.isEmpty, !diagnostics.hasErrors {
            problem("the directory has no mappings", directory, hint: "name the directory that has the systems' folders")
        }
        return files
    }
}
