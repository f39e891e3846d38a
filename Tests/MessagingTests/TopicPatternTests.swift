import Messaging
import Testing

@Suite struct TopicPatternTests {
    @Test(arguments: [
        ("#", "", true), ("#", "a.b.c", true), ("*", "a", true), ("*", "a.b", false), ("*", "", true), ("a.#", "a", true),
        ("a.#", "a.b.c", true), ("a.#", "ab", false), ("#.c", "a.b.c", true), ("#.c", "c", true), ("#.c", "c.d", false),
        ("a.*.c", "a.b.c", true), ("a.*.c", "a.c", false), ("a.#.c", "a.c", true), ("a.#.c", "a.b.b.c", true),
        ("#.#", "a", true), ("a.b", "a.b", true), ("a.b", "A.b", false), ("*.*", "a.", true),
    ])
    func `a pattern fits as on the broker`(_ pattern: String, _ key: String, _ fits: Bool) {
        #expect(TopicPattern(pattern).matches(key) == fits)
    }
}
