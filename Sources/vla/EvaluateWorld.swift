import RobotInterface
import ArgumentParser
import Evaluation
import Foundation
import LiberoSimulation
import LiberoTasks
import VLAPolicy

/// The options that say in which world episodes take place.
struct WorldOptions: ParsableArguments {
    @Option(help: "The suite: builtin, libero_spatial, libero_object, libero_goal, libero_10 or libero_90.")
    var suite = "builtin"

    @Option(
        help: "Folder of LIBERO's files and assets. Default: LIBERO_ROOT, else ../shared/libero.",
        completion: .directory)
    var libero: String?

    @Option(help: "Tasks by number, such as 0,2,5-7. Default: all.")
    var tasks: TaskSelection?

    @Option(help: "Width and height of the pictures. Default: what the policy asks for, else 256.")
    var pictureSize: Int?

    @Option(help: "How pictures are drawn: faithful, plain, light or fast. Default: what the policy asks for.")
    var renderProfile: String?

    @Option(
        help: ArgumentHelp(
            "How the pictures lie: raw as the simulator draws them, rotated180 as in OpenVLA's data, or upright. "
                + "Default: as in the policy's training data, else raw."))
    var orientation: ImageOrientation?

    func validate() throws {
        if let pictureSize, !(8...2048).contains(pictureSize) {
            throw ValidationError("--picture-size is \(pictureSize); it has to lie in 8...2048.")
        }
    }
}

/// Numbers of tasks: `0,2,5-7`.
struct TaskSelection: ExpressibleByArgument, Hashable {
    var numbers: [Int]

    init?(argument: String) {
        numbers = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            switch ends.count {
            case 1:
                guard let number = ends[0], number >= 0 else { return nil }
                numbers.append(number)
            case 2:
                guard let first = ends[0], let last = ends[1], 0 <= first, first <= last, last < 10_000 else {
                    return nil
                }
                numbers += first...last
            default: return nil
            }
        }
        guard Set(numbers).count == numbers.count else { return nil }
    }
}

/// A world, exactly enough to make it again in another process.
struct WorldSetting: Codable, Hashable {
    var suite: String
    /// LIBERO's folder; nil for the built-in suite.
    var folder: String?
    var pictureSize: Int
    var renderProfile: String
    var placementSeed: UInt32
    /// How the pictures lie; nil for as the simulator draws them.
    var orientation: ImageOrientation?

    /// A world that gives what a policy asks for, where the options do not say otherwise.
    init(
        _ options: WorldOptions, placementSeed: UInt32, requirements: PolicyRequirements?,
        defaultProfile: String = "faithful"
    ) throws {
        let asked = requirements?.cameras.sorted { $0.key < $1.key }.first?.value
        self.init(
            suite: options.suite, libero: options.libero,
            pictureSize: options.pictureSize ?? asked.map { max($0.width, $0.height) } ?? 256,
            renderProfile: options.renderProfile ?? asked?.renderProfile ?? defaultProfile,
            placementSeed: placementSeed, orientation: options.orientation ?? asked?.orientation)
    }

    init(
        suite: String, libero: String?, pictureSize: Int, renderProfile: String, placementSeed: UInt32,
        orientation: ImageOrientation? = nil
    ) {
        self.suite = suite
        folder =
            suite == Self.builtIn
            ? nil : libero ?? ProcessInfo.processInfo.environment["LIBERO_ROOT"] ?? "../shared/libero"
        (self.pictureSize, self.renderProfile, self.placementSeed) = (pictureSize, renderProfile, placementSeed)
        self.orientation = orientation == .raw ? nil : orientation
    }

    static let builtIn = "builtin"

    /// The suite by its name: LIBERO's, or one of the folder's own.
    func liberoSuite() throws -> LiberoSuite {
        if let suite = try? LiberoSuite.named(suite) { return suite }
        let found = try folder.map { try LiberoFolder(at: URL(fileURLWithPath: $0)).suites() } ?? []
        if let suite = found.first(where: { $0.name == suite }) { return suite }
        return try LiberoSuite.named(suite)
    }

    /// A task's problem, as it is written.
    func problem(of task: LiberoTask) throws -> BDDLProblem {
        guard let folder else { return try BuiltInWorld.problem(of: task) }
        return try LiberoFolder(at: URL(fileURLWithPath: folder)).problem(of: task)
    }

    func environment() throws -> LiberoEnvironment {
        let options = LiberoEnvironment.Options(
            pictureSize: pictureSize, renderProfile: try RenderProfile(named: renderProfile),
            orientation: orientation ?? .raw, placementSeed: placementSeed)
        if suite == Self.builtIn { return try LiberoEnvironment(builtIn: options) }
        return try LiberoEnvironment(
            suite: liberoSuite(), folder: URL(fileURLWithPath: folder ?? "."), options: options)
    }

    /// For each task the suite's next one whose goal is another and can be reached in the task's scene.
    func otherTasks(of tasks: [Int]) throws -> [Int: Int] {
        let suite = try liberoSuite()
        let problems = try suite.tasks.map(problem)
        var others: [Int: Int] = [:]
        for task in tasks {
            let following = (1..<suite.tasks.count).map { (task + $0) % suite.tasks.count }
            others[task] = following.first {
                problems[$0].goal != problems[task].goal && problems[task].missingNames(of: problems[$0].goal).isEmpty
            }
            if others[task] == nil {
                throw ValidationError(
                    "--other-instruction: no other task's goal can be reached in the scene of task \(task). Choose tasks "
                        + "of which one can with --tasks.")
            }
        }
        return others
    }

    /// The numbers of the tasks that were chosen, or all.
    func tasks(_ selection: TaskSelection?, of description: EnvironmentDescription) throws -> [Int] {
        let count = description.tasks.count
        guard let selection else { return Array(0..<count) }
        if let wrong = selection.numbers.first(where: { $0 >= count }) {
            throw ValidationError("There is no task \(wrong) in \(suite); its tasks are 0...\(count - 1).")
        }
        return selection.numbers
    }
}
