public import Evaluation
import Foundation
import LiberoTasks
public import PolicyServing

/// The suites whose worlds a server gives to its clients.
public struct ServedSuites: Sendable {
    public let names: [String]
    private let libero: String?

    /// - Parameters:
    ///   - names: Suites; when empty the built-in one, and LIBERO's where its files are.
    ///   - libero: Folder of LIBERO's files; `nil` for the usual places.
    /// - Throws: What making a world of a suite throws: what cannot be served is said now, not to the first client.
    public init(_ names: [String] = [], libero: String? = nil) throws {
        self.libero = libero
        if names.isEmpty {
            let folder = Self.setting("libero_object", libero).folder
            let isThere = folder.map { FileManager.default.fileExists(atPath: $0) } ?? false
            self.names = [WorldSetting.builtIn] + (isThere ? LiberoSuite.builtIn.map(\.name) : [])
        } else {
            self.names = names
        }
        for name in self.names { _ = try Self.setting(name, libero).environment() }
    }

    private static func setting(_ suite: String, _ libero: String?) -> WorldSetting {
        WorldSetting(suite: suite, libero: libero, imageSize: 64, renderProfile: "fast", placementSeed: 0)
    }

    /// Makes a world as a client asks for it.
    public var makeWorld: @Sendable (ServedWorldSettings) throws -> any Environment {
        { [libero] settings in
            try WorldSetting(
                suite: settings.suite, libero: libero, imageSize: settings.imageSize,
                renderProfile: settings.renderProfile, placementSeed: settings.placementSeed,
                orientation: settings.orientation
            ).environment()
        }
    }

    /// The suites as LeRobot's groups of tasks.
    public func taskGroups() throws -> [LeRobotEnvironmentConfiguration.TaskGroup] {
        try names.map { name in
            let suite = try Self.setting(name, libero).liberoSuite()
            return LeRobotEnvironmentConfiguration.TaskGroup(
                suite: name, taskCount: suite.tasks.count,
                stepLimit: LeRobotEnvironmentConfiguration.TaskGroup.stepLimit(ofSuite: name) ?? suite.stepLimit
                    ?? 300)
        }
    }
}
