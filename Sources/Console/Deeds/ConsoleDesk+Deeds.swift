extension ConsoleDesk {
    var failures: FailureDeeds { FailureDeeds(desk: self) }
    var replays: ReplayDeeds { ReplayDeeds(desk: self) }
    var repairs: RepairDeeds { RepairDeeds(desk: self) }
    var rolePlans: RolePlanDeeds { RolePlanDeeds(desk: self) }
    var uploads: UploadDeeds { UploadDeeds(desk: self) }
    var heldChanges: HeldDeeds { HeldDeeds(desk: self) }
}
