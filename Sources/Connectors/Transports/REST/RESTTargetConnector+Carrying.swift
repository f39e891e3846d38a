public import ConnectorKit
import SchoolRecords

extension RESTTargetConnector: RowCarrying {
    public func carried(_ row: TargetRow) -> TargetRow? {
        guard let resource = self.settings.resources.first(where: { $0.kind == row.kind }),
            let body = try? resource.body.filled(row.fields), let fields = resource.body.fields(of: body)
        else { return nil }
        return TargetRow(kind: row.kind, key: row.key, fields: fields)
    }
}
