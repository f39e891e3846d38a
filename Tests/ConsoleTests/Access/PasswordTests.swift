import Foundation
import Hub
import Testing

@testable import Console

@Suite("Passwords are long, and kept as digests")
struct PasswordTests {
    @Test(
        arguments: [
            ("kort lösen", .tooShort), (String(repeating: "åb", count: 600), .tooLong), ("aaaaaaaaaaaaaa", .obvious),
            ("abababababab", .obvious), ("123456789012", .obvious), ("abcdefghijklm", .obvious), ("qwertyuiop123", .obvious),
            ("Sommaren2026!", .obvious), ("Lösenord12345", .obvious), ("P@ssw0rd2026!", .obvious),
            ("Knutpunkt2026", .obvious), ("Välkommen2026!!", .obvious), ("zxcvbnmasdfgh", .obvious),
            ("anna.lindqvist", .ownName), ("Lindqvist-Anna1", .ownName), ("annaannaanna", .obvious),
            ("LINDQVIST2026!", .ownName), ("grön cykel på taket", nil), ("correct horse battery staple", nil),
            ("x9K#fq2Lw0vT", nil), ("anna cyklar fort uppför backen", nil), ("lösenord är långa saker", nil),
        ] as [(String, PasswordRules.Problem?)])
    func `what may be chosen`(password: String, problem: PasswordRules.Problem?) {
        #expect(PasswordRules.problem(with: password, names: ["anna.lindqvist", "Anna Lindqvist"]) == problem)
    }

    @Test func `a digest is its password's alone, with a salt of its own`() async throws {
        let hasher = AccessFixture.hasher
        let one = try await hasher.digest("grön cykel på taket")
        let two = try await hasher.digest("grön cykel på taket")
        #expect(one.salt != two.salt && one.digest != two.digest)
        #expect(one.salt.count == 16 && one.digest.count == 32)
        #expect(try await hasher.matches("grön cykel på taket", one))
        for wrong in ["grön cykel på take", "grön cykel på taket ", "Grön cykel på taket", ""] {
            #expect(try await !hasher.matches(wrong, one))
        }
        #expect(try await !hasher.matches("grön cykel på taket", nil))
    }

    @Test func `what was kept with other parameters is compared with those`() async throws {
        let kept = try await PasswordHasher(cost: .init(rounds: 32, blockSize: 2, parallelism: 2)).digest("grön cykel på taket")
        #expect(kept.rounds == 32 && kept.blockSize == 2 && kept.parallelism == 2)
        #expect(try await AccessFixture.hasher.matches("grön cykel på taket", kept))
    }

    /// RFC 7914, section 12.
    @Test func `it is the scrypt that others know`() async throws {
        let expected = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        let bytes = stride(from: 0, to: expected.count, by: 2).compactMap { start in
            UInt8(expected.dropFirst(start).prefix(2), radix: 16)
        }
        let kept = PasswordDigest(
            rounds: 1024, blockSize: 8, parallelism: 16, salt: Data("NaCl".utf8), digest: Data(bytes))
        #expect(try await AccessFixture.hasher.matches("password", kept))
    }

    @Test func `what the product takes is as strong as is advised`() async throws {
        let kept = try await PasswordHasher().digest("grön cykel på taket")
        #expect(kept.rounds >= 1 << 15 && kept.blockSize >= 8 && kept.parallelism >= 3)
        #expect(try await PasswordHasher().matches("grön cykel på taket", kept))
    }

    @Test(
        arguments: [
            ("Anna", "anna"), ("anna.l-2_x", "anna.l-2_x"), ("a", nil), ("1anna", nil), ("anna@kommun.se", nil), ("änna", nil),
            ("an na", nil), ("*", nil), ("Hub", nil), ("", nil), (String(repeating: "a", count: 65), nil), ("ａnna", nil),
        ] as [(String, String?)])
    func `names of accounts`(text: String, name: String?) { #expect(AccountName.normal(text) == name) }
}
