/// What the Unikum stand-in can be asked.
extension UnikumStandIn {
    /// Whether it holds an object (kind `person`, `class` or `school`) or a relation (kind e.g. `student_in_class`,
    /// key from ``UnikumFormat/relationKey(from:to:)``).
    public func holds(_ kind: String, _ key: String) -> Bool { self.holdings.holds(kind, key) }

    /// A row it holds.
    public func row(_ kind: String, _ key: String) -> UnikumRow? { self.holdings.row(kind, key) }

    /// The rows of a kind in the order of their keys.
    public func rows(_ kind: String) -> UnikumRows {
        UnikumRows(kind: kind, keys: self.holdings.keys(kind), holdings: self.holdings)
    }

    /// All rows it holds, in the order of their kinds, then of their keys (as UTF-8), made one at a time.
    public func rows() -> some Sequence<UnikumRow> & Sendable {
        let rows = self.kinds.map { self.rows($0) }
        return UnikumAllRows(kinds: rows)
    }

    /// The kinds it holds rows of, sorted.
    public var kinds: [String] { self.holdings.counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// Every file it has taken, in order.
    public var log: [UnikumAppliedFile] { self.files }

    /// Rows and files it has refused, in order.
    public var rejections: [UnikumRejection] { self.refused }

    /// Every state that came for a row, in order.
    public func states(_ kind: String, _ key: String) -> [UnikumAppliedRow] {
        self.files.flatMap { file in file.rows.filter { $0.kind == kind && $0.key == key } }
    }

    /// Rows that came though nothing changed, in files that were no repeats: writes that need not have been. What a repeat had left
    /// out may come again, since its sender can't know that it arrived.
    public var needlessRows: [UnikumAppliedRow] {
        var (needless, unsure): ([UnikumAppliedRow], Set<UnikumRowState>) = ([], [])
        for file in self.files {
            unsure.formUnion(file.withdrawn)
            guard !file.isRepeat else { continue }
            needless += file.rows.filter { !$0.hadEffect && !unsure.contains($0.state) }
        }
        return needless
    }

    /// Rows that went back to a state they had before their last one, in files that were no repeats. Where the source
    /// never goes back, each is a stale state applied after a newer one.
    public var revertedRows: [UnikumAppliedRow] {
        var states: [String: [UInt64]] = [:]
        var reverted: [UnikumAppliedRow] = []
        for file in self.files where !file.isRepeat {
            for row in file.rows {
                let name = row.kind + "\u{1F}" + row.key
                let earlier = states[name] ?? []
                if earlier.last == row.contentHash { continue }
                if earlier.contains(row.contentHash) { reverted.append(row) }
                states[name] = earlier + [row.contentHash]
            }
        }
        return reverted
    }

    /// Files whose batch and part came before without some of their rows: a batch id used twice for different things. Less than
    /// before is none: a batch comes again without what mustn't be written any more.
    public var conflictingRepeats: [UnikumAppliedFile] { self.files.filter { !$0.added.isEmpty } }
}
