import Foundation
import SchoolRecords

/// What is known of an Edlevo since the last complete reading. Pure, and in memory only: after a restart it is read anew.
struct ClassicState: Sendable {
    struct Told: Sendable {
        let broken: IMSOrganization.Broken
        let at: WallClock
    }

    private(set) var records: ClassicRecords
    /// Everything up to here is in it, by Edlevo's clock.
    private(set) var completeUntil: WallClock
    /// Seconds that Edlevo's clock is ahead of ours.
    private(set) var skew: Int
    /// When records were seen to have changed or gone, by Edlevo's clock.
    private(set) var changed: [RecordKey: WallClock] = [:]
    private(set) var gone: [RecordKey: WallClock] = [:]
    private(set) var broken: [Told]
    private var hashes: [RecordKey: Int]

    init(_ load: ClassicLoad) {
        self.records = load.records
        self.completeUntil = load.completeUntil
        self.skew = load.skew
        self.hashes = Self.hashes(load.records)
        self.broken = load.broken.map { Told(broken: $0, at: load.completeUntil) }
    }

    /// Edlevo's time at an instant of ours.
    func now(_ date: Date) -> WallClock { WallClock(date) + self.skew }

    /// Takes everything read anew; what differs from before is noticed.
    mutating func take(_ load: ClassicLoad) {
        self.skew = load.skew
        self.broken = load.broken.map { Told(broken: $0, at: load.completeUntil) }
        self.take(load.records, upTo: load.completeUntil)
    }

    /// Takes the records with changes in them; what they come to is held against what was there before.
    mutating func take(_ records: ClassicRecords, upTo time: WallClock, broken: [IMSOrganization.Broken] = []) {
        let hashes = Self.hashes(records)
        for (key, hash) in hashes where self.hashes[key] != hash {
            self.changed[key] = time
            self.gone[key] = nil
        }
        for key in self.hashes.keys where hashes[key] == nil {
            self.gone[key] = time
            self.changed[key] = nil
        }
        self.hashes = hashes
        self.records = records
        self.broken += broken.map { Told(broken: $0, at: time) }
        self.advance(to: time)
    }

    /// Nothing has changed up to here.
    mutating func advance(to time: WallClock) {
        self.completeUntil = max(self.completeUntil, time)
        let oldest = self.completeUntil - ClassicWindows.oldest
        self.changed = self.changed.filter { $0.value >= oldest }
        self.gone = self.gone.filter { $0.value >= oldest }
    }

    /// Notes records that documents of changes from before the complete reading have named.
    mutating func note(_ ids: Set<String>) {
        for (entity, keys) in self.records.keys {
            for id in keys {
                let key = RecordKey(entity, id)
                if !self.records.concerns(key).isDisjoint(with: ids) { self.changed[key] = self.completeUntil }
            }
        }
    }

    private static func hashes(_ records: ClassicRecords) -> [RecordKey: Int] {
        var hashes: [RecordKey: Int] = [:]
        for (entity, keys) in records.keys {
            for id in keys {
                let key = RecordKey(entity, id)
                guard let document = records.document(key) else { continue }
                var hasher = Hasher()
                document.canonicalData.withUnsafeBytes { hasher.combine(bytes: $0) }
                hashes[key] = hasher.finalize()
            }
        }
        return hashes
    }
}

/// A complete reading.
struct ClassicLoad: Sendable {
    let records: ClassicRecords
    /// Edlevo's time at the beginning of the reading.
    let completeUntil: WallClock
    let skew: Int
    let broken: [IMSOrganization.Broken]
}

extension ClassicRecords {
    /// The ids in the documents that a record is made of.
    func concerns(_ key: RecordKey) -> Set<String> {
        switch key.entity {
        case .person: [key.id, IMSOrganization.contactGroup(of: key.id)]
        case .placement: self.places[key.id].map { [$0.member.id, $0.host] } ?? []
        case .duty:
            self.duties == .personnel
                ? self.employments?.placements[key.id].map { [$0.person] } ?? []
                : self.dutyHolders[key.id].map { [$0.person, $0.unit] } ?? []
        case .organisation: [self.schoolUnits[key.id]?.unit ?? key.id]
        default: [key.id]
        }
    }
}
