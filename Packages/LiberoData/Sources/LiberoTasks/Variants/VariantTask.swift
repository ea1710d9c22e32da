public import Foundation

/// A perturbed task in one arm: which files, what is told, and what is changed in the simulator.
public struct VariantTask: Hashable, Sendable {
    /// What a policy is told.
    public enum Instruction: Hashable, Sendable {
        case text(String)
        /// The `:language` line of the problem.
        case problem
    }

    /// Its name in the suite.
    public var name: String
    public var base: LiberoTask
    /// The difficulty 1…5; nil where there is none.
    public var level: Int?
    /// The BDDL file.
    public var problemFile: URL
    /// The file of initial states.
    public var initialStatesFile: URL
    /// How many rows of it are used; nil for all.
    public var rowLimit: Int?
    public var instruction: Instruction
    /// The view of `agentview`; nil for LIBERO's own camera.
    public var view: LiberoPlusName.View?
    /// The number of the arm's posture at resets and in the null space; 0 for the ordinary one.
    public var posture = 0
    /// Whether the arm is put into its posture after the row was applied.
    public var movesArm = false
    /// The kind and level of noise, 1…50; nil for none.
    public var noise: Int?
    /// Whether the image of the applied row is noisy as well.
    public var isStartNoisy = false
    /// The goal that counts in place of the problem's.
    public var goal: [GoalPredicate]?

    public init(
        name: String, base: LiberoTask, level: Int? = nil, problemFile: URL, initialStatesFile: URL,
        rowLimit: Int? = nil, instruction: Instruction
    ) {
        (self.name, self.base, self.level) = (name, base, level)
        (self.problemFile, self.initialStatesFile, self.rowLimit) = (problemFile, initialStatesFile, rowLimit)
        self.instruction = instruction
    }

    /// Reads the problem, with the goal that counts.
    public func problem() throws -> BDDLProblem {
        guard FileManager.default.fileExists(atPath: problemFile.path) else {
            throw LiberoTasksError.missingFile(path: problemFile.path, task: name)
        }
        var problem = try BDDLParser().problem(at: problemFile)
        if let goal { problem.goal = goal }
        return problem
    }

    /// Reads the initial states.
    public func initialStates() throws -> InitialStates {
        guard FileManager.default.fileExists(atPath: initialStatesFile.path) else {
            throw LiberoTasksError.missingFile(path: initialStatesFile.path, task: name)
        }
        return try InitialStates(at: initialStatesFile)
    }

    /// What a policy is told.
    public func instructionText() throws -> String {
        switch instruction {
        case .text(let text): text
        case .problem: try problem().language
        }
    }
}
