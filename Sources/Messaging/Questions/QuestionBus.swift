/// Where questions and answers go.
public enum QuestionBus {
    /// The topic exchange of questions and answers.
    public static let exchange = "knutpunkt.questions"

    /// The queue that a system's questions wait in.
    public static func questionQueue(of system: String) -> String { "questions.\(system)" }

    /// The queue that the answers for somebody who asks wait in, and the routing key that brings them there.
    public static func answerQueue(of asker: String) -> String { "answers.\(asker)" }

    /// Exchange, queues and bindings for systems that answer, and for those who ask. Both sides' queues are durable: a question
    /// waits for a system that is away, and an answer for a hub that is.
    public static func topology(
        answering systems: [String], askers: [String], deliveryLimit: Int, deadLetterQueue: String
    ) -> Topology {
        var topology = Topology(exchanges: [.init(name: Self.exchange, kind: .topic)])
        for (name, key) in systems.sorted().map({ (Self.questionQueue(of: $0), "question.*.\($0)") })
            + askers.sorted().map({ (Self.answerQueue(of: $0), Self.answerQueue(of: $0)) })
        {
            topology.queues.append(.init(name: name, deliveryLimit: deliveryLimit, deadLetterQueue: deadLetterQueue))
            topology.bindings.append(.init(exchange: Self.exchange, queue: name, routingKey: key))
        }
        return topology
    }
}
