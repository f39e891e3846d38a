enum StandInsPlaceholder {}
