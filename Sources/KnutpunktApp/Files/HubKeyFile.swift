import Crypto
import Foundation
import Hub

/// The file that holds the hub's key: 32 random bytes in base64, readable by the owner only.
enum HubKeyFile {
    /// Reads the key, or makes a new one when there is no file.
    ///
    /// - Throws: ``AppError`` naming the file when it can't be read or written or holds no key.
    static func open(_ path: String) throws -> HubKey {
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard let material = Data(base64Encoded: trimmed), material.count >= 32 else {
                throw AppError(
                    .configuration,
                    "\(path): is no hub key. It must hold at least 32 bytes in base64 (make one with: openssl rand -base64 32).")
            }
            return HubKey(material: material)
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw AppError(.configuration, "\(path): the hub's key can't be read. Give the hub's user the right to read it.")
        }
        let material = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let text = Data((material.base64EncodedString() + "\n").utf8)
        guard FileManager.default.createFile(atPath: path, contents: text, attributes: [.posixPermissions: 0o600]) else {
            throw AppError(.configuration, "\(path): the hub's key can't be written. Check the directory and the space on it.")
        }
        return HubKey(material: material)
    }
}
