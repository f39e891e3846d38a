/// What happened to a message that failed: its tries, and what people did about it.
extension JourneyFacts {
    func steps(of failure: Failure, besides sequence: Int64? = nil) -> [JourneyStep] {
        let isOpen = failure.message.state == .failed
        var steps = failure.attempts.map { attempt in
            var step = JourneyStep(.failed, time: attempt.time)
            step.failure = failure.message.id
            step.attempt = attempt.number
            step.code = attempt.code
            step.text = attempt.message
            step.rule = attempt.place
            if failure.message.failure.stage != .delivery { step.system = failure.message.failure.system }
            step.isOpen = isOpen && attempt.number == failure.message.attempts
            if let own = failure.message.failure.sequence, own != sequence { step.sequence = own }
            return step
        }
        steps = Self.merged(
            steps,
            failure.deeds.compactMap { deed in
                guard let kind = Self.kinds[deed.action] else { return nil }
                var step = JourneyStep(kind, time: deed.time)
                (step.failure, step.person, step.reason) = (failure.message.id, deed.person, deed.reason)
                step.replay = kind == .replayed ? deed.operation : nil
                return step
            })
        if failure.message.state == .replayed, !steps.contains(where: { $0.kind == .replayed }) {
            var step = JourneyStep(.replayed)
            step.failure = failure.message.id
            steps.append(step)
        }
        if failure.message.state == .superseded {
            var step = JourneyStep(.overtaken)
            step.failure = failure.message.id
            steps.append(step)
        }
        return steps
    }

    private static let kinds: [String: JourneyStep.Kind] = [
        "edit": .corrected, "edit.approve": .approved, "edit.undo": .undone, "replay": .replayed, "discard": .discarded,
    ]
}
