// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let strictC: [CSetting] = [
    .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "doorpost",
    products: [
        .executable(name: "doorpost", targets: ["doorpost"]),
        .executable(name: "doorpost-pam", targets: ["doorpost-pam"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Floor 0: C.
        .target(name: "CPAMWire", path: "CModules/CPAMWire", cSettings: strictC),
        .target(name: "CLinux", path: "CModules/CLinux", cSettings: strictC),
        .target(
            name: "CCurl", path: "CModules/CCurl", cSettings: strictC,
            linkerSettings: [.linkedLibrary("dl")]),
        .target(
            name: "CPostgres", path: "CModules/CPostgres", cSettings: strictC,
            linkerSettings: [.linkedLibrary("dl")]),
        .target(
            name: "pam_doorpost", dependencies: ["CPAMWire"], path: "CModules/pam_doorpost",
            exclude: ["exports.map"], cSettings: strictC, linkerSettings: [.linkedLibrary("pam")]),

        // Floor 1: the domain.
        .target(name: "DoorpostCore", dependencies: [crypto], swiftSettings: strict),

        // What two adapters share of libcurl.
        .target(name: "DoorpostCurl", swiftSettings: strict),

        // Floor 2: adapters. None imports another.
        .target(
            name: "DoorpostSQLite",
            dependencies: [
                "DoorpostCore", "CLinux", .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .target(
            name: "DoorpostPostgres", dependencies: ["DoorpostCore", "CPostgres"],
            swiftSettings: strict),
        .target(
            name: "DoorpostMail", dependencies: ["DoorpostCore", "CCurl", "DoorpostCurl"],
            swiftSettings: strict),
        .target(
            name: "DoorpostCenter", dependencies: ["DoorpostCore", "CCurl", "DoorpostCurl"],
            swiftSettings: strict),
        .target(
            name: "DoorpostTokens",
            dependencies: [
                "DoorpostCore", crypto, .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ], swiftSettings: strict),
        .target(
            name: "DoorpostTriggers",
            dependencies: [
                "DoorpostCore", "CLinux", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),

        // Floor 3: composition.
        .target(
            name: "DoorpostSetup",
            dependencies: [
                "DoorpostCore", "DoorpostSQLite", "DoorpostPostgres", "DoorpostMail",
                "DoorpostTokens", "DoorpostTriggers", "DoorpostCenter", "CLinux",
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),

        // Floor 4: doors.
        .target(
            name: "DoorpostPAM", dependencies: ["DoorpostCore", "CPAMWire", "CLinux"],
            swiftSettings: strict),
        .target(
            name: "DoorpostHTTP",
            dependencies: [
                "DoorpostCore", "CLinux", crypto,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Into the program itself: there is nothing else to install, and nothing to swap.
            resources: [.embedInCode("OpenAPI"), .embedInCode("Page/Assets")],
            swiftSettings: strict),
        .target(
            name: "DoorpostCognito",
            dependencies: [
                "DoorpostCore", "DoorpostHTTP", crypto,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "DoorpostCommands",
            dependencies: [
                "DoorpostCognito", "DoorpostCore", "DoorpostHTTP", "DoorpostSetup", "CLinux",
                arguments,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // Floor 5: programs.
        .executableTarget(
            name: "doorpost", dependencies: ["DoorpostCommands"], swiftSettings: strict),
        .executableTarget(
            name: "doorpost-pam",
            dependencies: ["DoorpostCore", "DoorpostPAM", "DoorpostSetup", "CLinux"],
            swiftSettings: strict),

        // Tests and their kit.
        .target(name: "DoorpostTesting", dependencies: ["DoorpostCore"], swiftSettings: strict),
        .testTarget(
            name: "DoorpostCoreTests", dependencies: ["DoorpostCore", "DoorpostTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "StoreContractTests",
            dependencies: [
                "DoorpostCore", "DoorpostTesting", "DoorpostSQLite", "DoorpostPostgres",
                "CPostgres", "store-racer",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/StoreContract", swiftSettings: strict),
        // Another process on the same store, for the store's tests; not a product.
        .executableTarget(
            name: "store-racer",
            dependencies: [
                "DoorpostCore", "DoorpostTesting", "DoorpostSQLite", "DoorpostPostgres",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/StoreRacer", swiftSettings: strict),
        .testTarget(
            name: "DoorpostMailTests", dependencies: ["DoorpostMail", "CCurl", "DoorpostTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "DoorpostTokensTests",
            dependencies: ["DoorpostCore", "DoorpostTokens", "DoorpostTesting", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "DoorpostTriggersTests",
            dependencies: ["DoorpostCore", "DoorpostTriggers"], swiftSettings: strict),
        .testTarget(
            name: "DoorpostSetupTests",
            dependencies: [
                "DoorpostCenter", "DoorpostCore", "DoorpostMail", "DoorpostSetup",
                "DoorpostTesting", "DoorpostTriggers",
            ], swiftSettings: strict),
        .testTarget(
            name: "DoorpostCommandsTests",
            dependencies: ["DoorpostCommands", "DoorpostCore", "DoorpostHTTP", "DoorpostSetup"],
            path: "Tests/DoorpostCommandsTests", swiftSettings: strict),
        .testTarget(
            name: "DoorpostHTTPTests",
            dependencies: [
                "DoorpostCore", "DoorpostHTTP", "DoorpostTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DoorpostCognitoTests",
            dependencies: [
                "DoorpostCognito", "DoorpostCore", "DoorpostHTTP", "DoorpostTesting",
                crypto,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ], swiftSettings: strict),
        .testTarget(
            name: "DoorpostPAMTests",
            dependencies: ["DoorpostCore", "DoorpostPAM", "DoorpostTesting"],
            swiftSettings: strict),
    ]
)
