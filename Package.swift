// swift-tools-version: 6.2

import PackageDescription

/// What a target may import, layer by layer; `.ci/check-imports` holds the sources to it.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "knutpunkt",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "knutpunkt", targets: ["knutpunkt"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML", "Logging"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        // Values: pure, no I/O, no clock, no logger.
        .target(name: "SchoolRecords"),
        .target(name: "Mapping", dependencies: ["SchoolRecords", yams]),
        .target(name: "Reconciliation", dependencies: ["SchoolRecords"]),

        // Ports: what is needed of the outside, as protocols and their promises.
        .target(name: "Messaging", dependencies: ["SchoolRecords", logging]),
        .target(name: "ConnectorKit", dependencies: ["SchoolRecords", logging]),
        .target(
            name: "Hub",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "Messaging", "ConnectorKit", crypto, logging, metrics,
                serviceLifecycle,
            ]
        ),

        .target(
            name: "Provisioning",
            dependencies: ["SchoolRecords", "Mapping", "Hub", logging, serviceLifecycle]
        ),

        // Adapters: each owns one foreign library.
        .systemLibrary(
            name: "CRabbitMQ",
            pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"])]
        ),
        .target(
            name: "RabbitMQBroker",
            dependencies: ["SchoolRecords", "Messaging", "CRabbitMQ", logging],
            swiftSettings: [.strictMemorySafety()]
        ),
        .target(
            name: "SQLStores", dependencies: ["SchoolRecords", "ConnectorKit", "Reconciliation", "Hub", "Messaging", crypto]),
        .target(name: "SQLiteDatabase", dependencies: ["SQLStores", grdb]),
        .target(
            name: "Connectors",
            dependencies: [
                "SchoolRecords", "ConnectorKit", "Mapping", asyncHTTPClient, crypto, logging, nioCore, nioHTTP1, nioPosix,
                nioSSL,
            ]
        ),

        // Whether personal data stands where it must not: texts in bytes, whichever way they are written there.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "LeakScan", dependencies: ["CZlib"]),

        // How whoever listens serves HTTP: the console and the stand-ins.
        .target(name: "HTTPServing", dependencies: [hummingbirdCore, logging, nioCore]),
        .target(
            name: "Console",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "ConnectorKit", "Hub", "Provisioning", "HTTPServing", coreMetrics,
                crypto, cryptoExtras, httpTypes, hummingbird, hummingbirdCore, jwtKit, logging, mustache, nioCore,
                serviceLifecycle,
            ],
            resources: [.embedInCode("Assets")]),
        // The SS 12000 provider: other systems pull from the hub.
        .target(
            name: "SchoolAPI",
            dependencies: [
                "SchoolRecords", "Mapping", "Hub", "HTTPServing", crypto, hummingbird, hummingbirdCore, logging, nioCore,
                serviceLifecycle,
            ]),

        // Composition: the only place that sees adapters, and the command line over it.
        .target(
            name: "KnutpunktApp",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "Messaging", "ConnectorKit", "Hub", "Provisioning",
                "RabbitMQBroker", "SQLStores", "SQLiteDatabase", "Connectors", "Console", "SchoolAPI", "LeakScan", "StandIns",
                configuration, coreMetrics,
                crypto, logging, systemPackage, serviceLifecycle,
            ]
        ),
        .executableTarget(
            name: "knutpunkt",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "ConnectorKit", "Hub", "Provisioning", "KnutpunktApp", "LeakScan",
                "StandIns", argumentParser, logging, serviceLifecycle,
            ]
        ),

        // How fast the mapping language is: Benchmarks/Mapping.
        .executableTarget(
            name: "MappingBenchmark", dependencies: ["SchoolRecords", "Mapping"], path: "Benchmarks/Mapping",
            exclude: ["pydantic_mapping.py"]),

        // How fast roles are planned for a whole municipality: Benchmarks/Roles.
        .executableTarget(
            name: "RolesBenchmark", dependencies: ["SchoolRecords", "Mapping", "Provisioning"], path: "Benchmarks/Roles"),

        // How long operators wait with very many failures, and how fast replays are: Benchmarks/Failures.
        .executableTarget(
            name: "FailuresBenchmark",
            dependencies: [
                "SchoolRecords", "Mapping", "Messaging", "ConnectorKit", "Hub", "Console", "SQLStores", "SQLiteDatabase",
                asyncHTTPClient, logging, nioCore, nioHTTP1, serviceLifecycle,
            ], path: "Benchmarks/Failures"),

        // Stand-ins of outside systems (used by `demo` too) and the contracts run over every implementation.
        .target(
            name: "StandIns",
            dependencies: [
                "SchoolRecords", "HTTPServing", asyncHTTPClient, crypto, hummingbird, logging, nioCore, nioHTTP1,
                serviceLifecycle,
            ]
        ),
        .target(name: "TestChance"),
        .target(name: "MessagingTesting", dependencies: ["SchoolRecords", "Messaging", "TestChance", logging]),
        .target(name: "ConnectorTesting", dependencies: ["SchoolRecords", "ConnectorKit"]),

        // Measured beside plain C and Python by Benchmarks/run.
        .executableTarget(
            name: "BrokerBenchmark", dependencies: ["SchoolRecords", "Messaging", "RabbitMQBroker", logging],
            path: "Benchmarks/Broker"),
        .executableTarget(
            name: "HubBenchmark",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "Messaging", "Hub", "RabbitMQBroker", "KnutpunktApp", "StandIns",
                logging,
            ],
            path: "Benchmarks/Hub"),

        .testTarget(name: "SchoolRecordsTests", dependencies: ["SchoolRecords", "TestChance"]),
        .testTarget(name: "MappingTests", dependencies: ["SchoolRecords", "Mapping", "TestChance"]),
        .testTarget(
            name: "ReconciliationTests", dependencies: ["SchoolRecords", "Reconciliation", "StandIns", "TestChance"]),
        .testTarget(name: "MessagingTests", dependencies: ["SchoolRecords", "Messaging", "MessagingTesting", "TestChance"]),
        .testTarget(
            name: "RabbitMQBrokerTests",
            dependencies: ["SchoolRecords", "Messaging", "MessagingTesting", "RabbitMQBroker", logging]
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "SchoolRecords", "Reconciliation", "ConnectorKit", "Hub", "Messaging", "SQLStores", "SQLiteDatabase",
                "TestChance",
                crypto,
            ]
        ),
        .testTarget(
            name: "ConnectorsTests",
            dependencies: [
                "SchoolRecords", "ConnectorKit", "ConnectorTesting", "Connectors", "Mapping", "StandIns", "TestChance",
                asyncHTTPClient,
                logging, nioCore, nioPosix,
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "HubTests",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "Messaging", "MessagingTesting", "RabbitMQBroker", "ConnectorKit",
                "Connectors", "Hub", "Provisioning",
                "SQLStores", "SQLiteDatabase", "StandIns", "TestChance", crypto, logging, serviceLifecycle,
            ]
        ),
        .testTarget(
            name: "ProvisioningTests", dependencies: ["SchoolRecords", "Mapping", "Hub", "Provisioning", "TestChance"]),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "SchoolRecords", "Mapping", "Reconciliation", "ConnectorKit", "Messaging", "Hub", "HTTPServing", "Provisioning",
                "Console", "SQLStores", "SQLiteDatabase", asyncHTTPClient, coreMetrics, crypto, cryptoExtras, jwtKit, logging,
                nioCore, nioHTTP1, serviceLifecycle,
            ]),
        .testTarget(
            name: "SchoolAPITests",
            dependencies: [
                "SchoolRecords", "ConnectorKit", "Connectors", "HTTPServing", "Mapping", "Hub", "SchoolAPI", "SQLStores",
                "SQLiteDatabase", "StandIns",
                "TestChance", asyncHTTPClient, crypto, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle,
            ]),
        .testTarget(name: "HTTPServingTests", dependencies: ["HTTPServing", hummingbird, hummingbirdCore, logging]),
        .testTarget(name: "LeakScanTests", dependencies: ["CZlib", "LeakScan", "TestChance"]),
        .testTarget(name: "StandInsTests", dependencies: ["SchoolRecords", "StandIns", asyncHTTPClient, logging]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "SchoolRecords", "ConnectorKit", "ConnectorTesting", "Console", "Hub", "LeakScan", "Mapping", "KnutpunktApp",
                "knutpunkt",
                "Messaging",
                "Provisioning", "RabbitMQBroker", "Reconciliation", "SQLStores", "StandIns", "TestChance", asyncHTTPClient,
                coreMetrics,
                logging, nioCore, nioHTTP1, serviceLifecycle,
            ]
        ),
    ]
)

/// Small, much used, and slow without the optimiser: most tests and every command of a debug build go through JSON and mappings. With
/// it here, the whole of the tests takes less time, compiling included; with it everywhere, compiling takes more than is gained. Traps of
/// overflow and bounds stay; who debugs one of these takes it out of the list. They have no `assert`, which `-O` would leave out.
let optimised: Set = ["LeakScan", "Mapping", "Reconciliation", "SchoolRecords"]

for target in package.targets where optimised.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-O"], .when(configuration: .debug))]
}

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .treatAllWarnings(as: .error),
        ]
}
