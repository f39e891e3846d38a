import Foundation
import HTTPTypes
import Hub
import Logging
import SchoolRecords

extension ConsoleSite {
    /// All that the API does, with its contract.
    static var apiOperations: [APIOperation] {
        OpenAPIDocument.operations
    }

    func api(_ door: ConsoleDoor, logger: Logger) -> APIDoor {
        APIDoor(
            operations: Self.apiOperations, desk: self.desk,
            visitors: APIVisitors(gate: self.gate, store: self.desk.store, clock: self.desk.clock),
            repeatable: RepeatableCalls(store: self.desk.store, clock: self.desk.clock, process: UUID().uuidString), door: door,
            logger: logger)
    }
}
