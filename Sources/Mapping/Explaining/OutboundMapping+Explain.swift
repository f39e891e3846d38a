public import SchoolRecords

extension OutboundMapping {
    /// What ``apply(_:today:lookedUp:)`` came to, and an explanation when there is one already.
    public enum Explained: Sendable {
        /// These records have to be looked up first.
        case needs(Set<RecordKey>)
        case explanation(Explanation)
    }

    /// Explains what a record gives. Runs the same evaluation as ``apply(_:today:lookedUp:)``; a failure is part of the
    /// explanation.
    public func explain(_ record: JSONValue, today: CalendarDate, lookedUp: [RecordKey: LookedUp]) -> Explained {
        let trace = Trace(self.frame, today: today.description)
        do throws(MappingFailure) {
            let result = try self.run(
                Evaluation(self.frame, record: JSONDocument(record), today: today, lookedUp: lookedUp, trace: trace))
            if case .needs(let keys) = result { return .needs(keys) }
        } catch {
            trace.failed(error)
        }
        return .explanation(trace.explanation)
    }

    /// What ``codes(in:today:lookedUp:)`` came to.
    public enum Codes: Sendable {
        /// These records have to be looked up first.
        case needs(Set<RecordKey>)
        case uses([CodeUse])
    }

    /// Which values of a record are looked up in code tables, those without a row included. Where the record fails for
    /// another reason, the ones up to there.
    public func codes(in record: JSONDocument, today: CalendarDate, lookedUp: [RecordKey: LookedUp]) -> Codes {
        let codes = CodeCount()
        let evaluation = Evaluation(self.frame, record: record, today: today, lookedUp: lookedUp, codes: codes)
        if case .needs(let keys)? = try? self.run(evaluation) { return .needs(keys) }
        return .uses(codes.uses)
    }
}

extension InboundMapping {
    /// Explains what a source's document gives. Runs the same evaluation as ``apply(_:today:)``; a failure is part of the
    /// explanation.
    public func explain(_ document: JSONValue, today: CalendarDate) -> Explanation {
        let trace = Trace(self.frame, today: today.description)
        do throws(MappingFailure) {
            _ = try self.run(Evaluation(self.frame, record: JSONDocument(document), today: today, lookedUp: [:], trace: trace))
        } catch {
            trace.failed(error)
        }
        return trace.explanation
    }
}
