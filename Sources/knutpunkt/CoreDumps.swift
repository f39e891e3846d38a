#if canImport(Glibc)
    import Glibc
#endif

/// A program that dies must not leave its memory on a disk: personal data and the hub's key stand in it.
enum CoreDumps {
    /// Switches them off for this program and all that it starts, for good.
    static func switchOff() {
        #if canImport(Glibc)
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #endif
    }
}
