import HTTPTypes
import Hub
public import SchoolRecords

/// The API's contract (OpenAPI 3.1), made of the very operations that it serves.
public struct OpenAPIDocument: Sendable {
    static let path = "\(OpsAPI.prefix)/openapi.json"

    let operations: [APIOperation]

    /// The contract of a hub, wherever it runs.
    public static var json: JSONValue { OpenAPIDocument(operations: Self.operations).json }

    /// All that the API does, this document included.
    static var operations: [APIOperation] {
        let operations = OpsAPI().operations + IntakeAPI().operations
        return operations + [Self.operation(of: operations)]
    }

    /// The operation that tells of the others, and of itself.
    static func operation(of others: [APIOperation]) -> APIOperation {
        func itself(_ act: @escaping @Sendable (APICall) async throws -> APIAnswer) -> APIOperation {
            APIOperation(
                method: .get, path: Self.path, id: "getOpenAPI", summary: "This document", access: .anybody,
                success: .init(status: 200, kind: .map(of: .any), note: "OpenAPI 3.1."), act: act)
        }
        let json = OpenAPIDocument(operations: others + [itself { _ in APIAnswer(.null) }]).json
        return itself { _ in APIAnswer(json) }
    }

    var json: JSONValue {
        var paths: [String: JSONValue] = [:]
        for (path, operations) in Dictionary(grouping: self.operations, by: \.path) {
            var item: [String: JSONValue] = [:]
            for operation in operations { item[operation.method.rawValue.lowercased()] = OpenAPIOperation(operation).json }
            paths[path] = .object(item)
        }
        var schemas: [String: JSONValue] = ["Problem": APIField.schema(of: APIProblem.fields, isClosed: false)]
        for operation in self.operations {
            for (name, fields) in operation.success.kind.shapes { schemas[name] = APIField.schema(of: fields, isClosed: false) }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Knutpunkt", "version": "1.0.0",
                "summary": "What the hub's console does, for programs; and handing in records.",
                "description":
                    "Texts for people are in Swedish or English, as `Accept-Language` asks. Errors are RFC 9457. Lists come in pages: give `next` back as `after`.",
            ],
            "servers": [["url": "/"]], "paths": .object(paths),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer", "description": "Made by `knutpunkt console token add`."],
                    "session": [
                        "type": "apiKey", "in": "cookie", "name": "__Host-knutpunkt",
                        "description": "The console's session; writing requests carry `X-CSRF-Token` as well.",
                    ],
                ],
            ],
        ]
    }
}

/// One operation as the contract has it.
private struct OpenAPIOperation {
    let operation: APIOperation

    init(_ operation: APIOperation) { self.operation = operation }

    var json: JSONValue {
        let operation = self.operation
        var fields: [String: JSONValue] = [
            "operationId": .string(operation.id), "summary": .string(operation.summary), "tags": .array([.string(operation.tag)]),
            "responses": self.responses,
        ]
        if !self.description.isEmpty { fields["description"] = .string(self.description) }
        let parameters = self.parameters
        if !parameters.isEmpty { fields["parameters"] = .array(parameters) }
        if let body = self.body { fields["requestBody"] = body }
        if case .anybody = operation.access {
            fields["security"] = .array([])
        } else {
            fields["security"] = [["token": .array([])], ["session": .array([])]]
        }
        return .object(fields)
    }

    private var description: String {
        var texts = [self.operation.note].filter { !$0.isEmpty }
        if case .area(let area) = self.operation.access { texts.append("For roles that see `\(area.rawValue)`.") }
        if let action = self.operation.action { texts.append("Takes the right `\(action.rawValue)`.") }
        return texts.joined(separator: "\n\n")
    }

    private var parameters: [JSONValue] {
        let operation = self.operation
        func parameter(_ field: APIField, _ place: String, isRequired: Bool) -> JSONValue {
            [
                "name": .string(field.name), "in": .string(place), "required": .bool(isRequired),
                "description": .string(field.note),
                "schema": field.kind.schema,
            ]
        }
        var parameters = operation.places.map { parameter($0, "path", isRequired: true) }
        parameters += operation.query.map { parameter($0, "query", isRequired: $0.isRequired) }
        if operation.isRepeatable {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description":
                    "Names this request for a day: sent again with the same content it does nothing and is answered as the first time.",
                "schema": ["type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"],
            ])
        }
        return parameters
    }

    private var body: JSONValue? {
        switch self.operation.body {
        case nil: return nil
        case .fields(let fields):
            var content: [String: JSONValue] = ["schema": APIField.schema(of: fields, isClosed: true)]
            if let example = self.operation.example { content["example"] = example }
            return [
                "required": .bool(fields.contains(where: \.isRequired)), "content": ["application/json": .object(content)],
            ]
        case .records:
            return [
                "required": true,
                "content": [
                    "application/json": [
                        "schema": ["type": "array", "maxItems": .integer(Int64(Upload.mostRows)), "items": ["type": "object"]],
                        "example": [
                            ["id": "8e4ad7d3-0f9b-4a5c-9d55-0e1b0a9dd0f1", "givenName": "Prov", "familyName": "Provsson"]
                        ],
                    ],
                    "text/csv": ["schema": ["type": "string"], "example": "elev;fornamn;efternamn\n1;Prov;Provsson\n"],
                ],
            ]
        }
    }

    private var responses: JSONValue {
        let operation = self.operation
        let success = operation.success
        var answer: [String: JSONValue] = [
            "description": .string(success.note), "content": ["application/json": ["schema": success.kind.schema]],
        ]
        if success.status == 201 || success.status == 202 {
            answer["headers"] = ["Location": ["description": "Where it is found.", "schema": ["type": "string"]]]
        }
        var responses: [String: JSONValue] = ["\(success.status)": .object(answer)]
        for status in self.problems { responses["\(status)"] = Self.problem(status) }
        return .object(responses)
    }

    /// Every status by which the operation may say that it doesn't do what it was asked.
    private var problems: [Int] {
        let operation = self.operation
        var statuses: Set<Int> = Set(operation.problems).union([400, 421, 429, 500])
        if case .anybody = operation.access {} else { statuses.formUnion([401, 403]) }
        if !operation.places.isEmpty { statuses.insert(404) }
        if operation.body != nil { statuses.formUnion([413, 415, 422]) }
        if operation.isRepeatable { statuses.insert(409) }
        return statuses.sorted()
    }

    private static func problem(_ status: Int) -> JSONValue {
        var response: [String: JSONValue] = [
            "description": .string(HTTPResponse.Status(code: status).reasonPhrase),
            "content": ["application/problem+json": ["schema": APIProblem.kind.schema]],
        ]
        if status == 429 || status == 503 {
            response["headers"] = [
                "Retry-After": ["description": "Seconds.", "schema": ["type": "integer", "minimum": .integer(0)]]
            ]
        }
        return .object(response)
    }
}
