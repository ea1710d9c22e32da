public import Evaluation
import Foundation
public import LiberoSimulation
public import LiberoTasks
public import RobotInterface

/// A world, exactly enough to make it again in another process.
public struct WorldSetting: Codable, Hashable, Sendable {
    /// `builtin`, one of LIBERO's suites, or a suite of the folder's own.
    public var suite: String
    /// LIBERO's folder; `nil` for the built-in suite.
    public var folder: String?
    /// Width and height of the images.
    public var imageSize: Int
    /// The name of a ``LiberoSimulation/RenderProfile``.
    public var renderProfile: String
    public var placementSeed: UInt32
    /// How the images lie; `nil` for as the simulator draws them.
    public var orientation: ImageOrientation?

    private enum CodingKeys: String, CodingKey {
        case suite, folder, renderProfile, placementSeed, orientation
        case imageSize = "pictureSize"
    }

    /// - Parameter libero: LIBERO's folder; `nil` for that of `LIBERO_ROOT`, else `../shared/libero`.
    public init(
        suite: String, libero: String? = nil, imageSize: Int, renderProfile: String, placementSeed: UInt32,
        orientation: ImageOrientation? = nil
    ) {
        self.suite = suite
        folder =
            suite == Self.builtIn
            ? nil : libero ?? ProcessInfo.processInfo.environment["LIBERO_ROOT"] ?? "../shared/libero"
        (self.imageSize, self.renderProfile, self.placementSeed) = (imageSize, renderProfile, placementSeed)
        self.orientation = orientation == .raw ? nil : orientation
    }

    /// The name of the suite that needs no files.
    public static let builtIn = "builtin"

    /// The suite by its name: LIBERO's, or one of the folder's own.
    public func liberoSuite() throws -> LiberoSuite {
        if let suite = try? LiberoSuite.named(suite) { return suite }
        let found = try folder.map { try LiberoFolder(at: URL(fileURLWithPath: $0)).suites() } ?? []
        if let suite = found.first(where: { $0.name == suite }) { return suite }
        return try LiberoSuite.named(suite)
    }

    /// A task's problem, as it is written.
    public func problem(of task: LiberoTask) throws -> BDDLProblem {
        guard let folder else { return try BuiltInWorld.problem(of: task) }
        return try LiberoFolder(at: URL(fileURLWithPath: folder)).problem(of: task)
    }

    /// What a policy is told in a task: its file's name in LIBERO's suites, the `:language` line in others.
    public func instruction(of task: LiberoTask) -> String {
        guard let folder, let files = try? LiberoFolder(at: URL(fileURLWithPath: folder)),
            let text = try? files.instruction(of: task)
        else { return task.instruction }
        return text
    }

    /// Notes on tasks whose file name and `:language` line differ, outside of LIBERO's suites; of those it is known.
    public func instructionNotes(of tasks: [LiberoTask]) -> [String] {
        guard let folder, let files = try? LiberoFolder(at: URL(fileURLWithPath: folder)) else { return [] }
        return tasks.compactMap { task in
            guard !LiberoSuite.builtIn.contains(where: { $0.name == task.suite }),
                let note = try? files.instructionNote(of: task)
            else { return nil }
            return "\(note); the line is told"
        }
    }

    public func environment() throws -> LiberoEnvironment {
        let options = LiberoEnvironment.Options(
            imageSize: imageSize, renderProfile: try RenderProfile(named: renderProfile),
            orientation: orientation ?? .raw, placementSeed: placementSeed)
        if suite == Self.builtIn { return try LiberoEnvironment(builtIn: options) }
        return try LiberoEnvironment(
            suite: liberoSuite(), folder: URL(fileURLWithPath: folder ?? "."), options: options)
    }

    /// For each task the suite's next one whose goal is another and can be reached in the task's scene.
    ///
    /// - Throws: ``LiberoRequestError/noOtherTask(_:)``.
    public func otherTasks(of tasks: [Int]) throws -> [Int: Int] {
        let suite = try liberoSuite()
        let problems = try suite.tasks.map(problem)
        var others: [Int: Int] = [:]
        for task in tasks {
            let following = (1..<suite.tasks.count).map { (task + $0) % suite.tasks.count }
            others[task] = following.first {
                problems[$0].goal != problems[task].goal && problems[task].missingNames(of: problems[$0].goal).isEmpty
            }
            if others[task] == nil { throw LiberoRequestError.noOtherTask(task) }
        }
        return others
    }

    /// The chosen tasks, or all.
    ///
    /// - Throws: ``LiberoRequestError/noSuchTask(_:suite:taskCount:)``.
    public func tasks(_ selection: [Int]?, of description: EnvironmentDescription) throws -> [Int] {
        let count = description.tasks.count
        guard let selection else { return Array(0..<count) }
        if let wrong = selection.first(where: { !(0..<count).contains($0) }) {
            throw LiberoRequestError.noSuchTask(wrong, suite: suite, taskCount: count)
        }
        return selection
    }
}

/// The world that is asked for; what is left open follows the policy's requirements.
public struct WorldRequest: Hashable, Sendable {
    public var suite = WorldSetting.builtIn
    /// LIBERO's folder; `nil` for that of `LIBERO_ROOT`, else `../shared/libero`.
    public var libero: String?
    /// Width and height of the images; `nil` for what the policy asks for, else 256.
    public var imageSize: Int?
    /// `nil` for what the policy asks for, else the default of whoever makes the world.
    public var renderProfile: String?
    /// `nil` for what the policy asks for, else as the simulator draws them.
    public var orientation: ImageOrientation?

    public init(suite: String = WorldSetting.builtIn, libero: String? = nil) {
        (self.suite, self.libero) = (suite, libero)
    }

    /// A world that gives what a policy asks for, where the request does not say otherwise.
    public func setting(
        for requirements: PolicyRequirements? = nil, placementSeed: UInt32 = 0, defaultProfile: String = "faithful"
    ) -> WorldSetting {
        let asked = requirements?.cameras.sorted { $0.key < $1.key }.first?.value
        return WorldSetting(
            suite: suite, libero: libero, imageSize: imageSize ?? asked.map { max($0.width, $0.height) } ?? 256,
            renderProfile: renderProfile ?? asked?.renderProfile ?? defaultProfile, placementSeed: placementSeed,
            orientation: orientation ?? asked?.orientation)
    }
}
