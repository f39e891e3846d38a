import Crypto
import CryptoExtras
import Dispatch
import Foundation
public import Hub
import Synchronization

/// Makes and compares digests of passwords by scrypt (RFC 7914), one at a time: each takes about a tenth of a second and 32 MiB, and
/// however many ask, the hub's own work goes on beside it.
public final class PasswordHasher: Sendable {
    /// What a digest costs.
    public struct Cost: Sendable, Hashable {
        public let rounds: Int
        public let blockSize: Int
        public let parallelism: Int

        public init(rounds: Int, blockSize: Int, parallelism: Int) {
            self.rounds = rounds
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// One of the settings that OWASP's password storage cheat sheet counts as equally strong: the one with 32 MiB.
        public static let standard = Cost(rounds: 1 << 15, blockSize: 8, parallelism: 3)
    }

    /// Nobody needs a longer one, and each byte is hashed.
    static let mostBytes = 1024
    private static let mostWaiting = 32

    private let cost: Cost
    private let queue = DispatchQueue(label: "knutpunkt.passwords", qos: .utility)
    private let waiting = Mutex(0)
    /// A digest of no password.
    private let decoy: PasswordDigest

    public init(cost: Cost = .standard) {
        self.cost = cost
        self.decoy = PasswordDigest(
            rounds: cost.rounds, blockSize: cost.blockSize, parallelism: cost.parallelism, salt: Self.random(16),
            digest: Self.random(32))
    }

    /// A password as it is to be kept, with a salt of its own.
    ///
    /// - Throws: ``AccessRefusal`` (`busy`).
    public func digest(_ password: String) async throws -> PasswordDigest {
        let salt = Self.random(16)
        let (cost, text) = (self.cost, Self.bytes(password))
        let digest = try await self.inTurn { try Self.derive(text, salt: salt, cost) }
        return PasswordDigest(
            rounds: cost.rounds, blockSize: cost.blockSize, parallelism: cost.parallelism, salt: salt, digest: digest)
    }

    /// Whether this is the password.
    ///
    /// - Parameter kept: `nil` where there is no account: it takes as long and is never right.
    /// - Throws: ``AccessRefusal`` (`busy`).
    public func matches(_ password: String, _ kept: PasswordDigest?) async throws -> Bool {
        let compared = kept ?? self.decoy
        let text = Self.bytes(password)
        let cost = Cost(rounds: compared.rounds, blockSize: compared.blockSize, parallelism: compared.parallelism)
        let digest = try await self.inTurn { try Self.derive(text, salt: compared.salt, cost) }
        let isSame = SHA256.hash(data: digest) == SHA256.hash(data: compared.digest)
        return isSame && kept != nil && password.utf8.count <= Self.mostBytes
    }

    private func inTurn(_ work: @escaping @Sendable () throws -> Data) async throws -> Data {
        let isAdmitted = self.waiting.withLock { waiting in
            guard waiting < Self.mostWaiting else { return false }
            waiting += 1
            return true
        }
        guard isAdmitted else { throw AccessRefusal.busy }
        return try await withCheckedThrowingContinuation { continuation in
            self.queue.async {
                let result = Result { try work() }
                self.waiting.withLock { $0 -= 1 }
                continuation.resume(with: result)
            }
        }
    }

    private static func derive(_ password: Data, salt: Data, _ cost: Cost) throws -> Data {
        try KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: 32, rounds: cost.rounds, blockSize: cost.blockSize,
            parallelism: cost.parallelism
        ).withUnsafeBytes { Data($0) }
    }

    /// The same letter is the same bytes, whichever keyboard it comes from.
    private static func bytes(_ password: String) -> Data {
        Data(password.precomposedStringWithCanonicalMapping.utf8.prefix(Self.mostBytes))
    }

    private static func random(_ count: Int) -> Data {
        SymmetricKey(size: .init(bitCount: count * 8)).withUnsafeBytes { Data($0) }
    }
}
