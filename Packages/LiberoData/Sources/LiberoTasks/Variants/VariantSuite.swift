import Foundation

/// The tasks of a suite of variants in one arm.
public struct VariantSuite: Sendable {
    public let name: VariantSuiteName
    public let tasks: [VariantTask]
    /// Tasks that belong to the suite and cannot or must not be run, by the reason.
    public let skipped: [String: [String]]

    /// The suite as a list of names: its tasks' numbers are places in ``tasks``.
    public var suite: LiberoSuite {
        let limit = LiberoSuite.builtIn.first { $0.name == name.base }?.stepLimit
        return LiberoSuite(name: "\(name)", taskNames: tasks.map(\.name), stepLimit: limit)
    }

    /// Enumerates a suite.
    ///
    /// - Parameters:
    ///   - name: Variant, base suite and arm.
    ///   - libero: LIBERO's own files, for tasks whose scene is the base suite's.
    ///   - files: The variant's files.
    /// - Throws: ``LiberoTasksError`` when files are not there, ``VariantListError`` for a damaged list.
    public init(_ name: VariantSuiteName, libero: LiberoFolder, files: VariantFiles) throws {
        self.name = name
        guard let base = LiberoSuite.builtIn.first(where: { $0.name == name.base }) else {
            throw LiberoTasksError.unknownSuite(name.base, known: LiberoSuite.builtIn.map(\.name))
        }
        switch name.kind {
        case .plus(let axis):
            (tasks, skipped) = try Self.plus(axis, base: base, arm: name.arm, libero: libero, files: files)
        case .pro(let axis):
            (tasks, skipped) = (try Self.pro(axis, base: base, arm: name.arm, libero: libero, files: files), [:])
        case .counterfactual:
            (tasks, skipped) = (try Self.counterfactual(base: base, arm: name.arm, libero: libero), [:])
        case .paraphrase:
            (tasks, skipped) = (try Self.paraphrase(base: base, arm: name.arm, libero: libero, files: files), [:])
        }
    }

    // MARK: - LIBERO-Plus

    private static func plus(
        _ axis: LiberoPlusName.Axis, base: LiberoSuite, arm: VariantSuiteName.Arm, libero: LiberoFolder,
        files: VariantFiles
    ) throws -> ([VariantTask], [String: [String]]) {
        let root = try files.plus()
        let list = try files.plusTasks()
        var (tasks, skipped) = ([VariantTask](), [String: [String]]())
        for entry in list.tasks[base.name] ?? [] where entry.name.axis == axis {
            let name = entry.name
            if axis == .light || axis == .background || name.addition != nil {
                skipped["its assets are not public", default: []].append(name.name)
                continue
            }
            // the clean arm has the scene, the state and the sentence of the base
            let isClean = arm == .clean
            let folder = isClean ? libero : root
            var task = VariantTask(
                name: name.name, base: name.base, level: entry.level,
                problemFile: folder.root.appendingPathComponent(
                    "bddl_files/\(base.name)/\(isClean ? name.base.name : name.problemName).bddl"),
                initialStatesFile: isClean
                    ? libero.initialStatesFile(of: name.base)
                    : root.root.appendingPathComponent("init_files/\(name.initialStatesFile)"),
                rowLimit: 1, instruction: .text(name.base.instruction))
            task.view = isClean ? .unchanged : name.view ?? .unchanged
            if axis == .layout, isClean { task.movesArm = true }
            if !isClean {
                task.posture = name.posture ?? 0
                task.movesArm = task.posture > 0 && arm == .intended
                task.noise = name.noise
                task.isStartNoisy = arm == .intended
                if axis == .language {
                    task.instruction = .problem
                    // generator text is no instruction
                    if arm == .intended, InstructionDefect.isGeneratorText(try task.problem().language) {
                        skipped["its instruction is text of a generator", default: []].append(name.name)
                        continue
                    }
                } else if arm == .published, let text = name.publishedInstruction {
                    task.instruction = .text(text)
                }
            }
            tasks.append(task)
        }
        // pairs need the same numbers: what the intended arm leaves out is out of the clean one as well
        if arm == .clean, axis == .language {
            let (run, leftOut) = try plus(axis, base: base, arm: .intended, libero: libero, files: files)
            let names = Set(run.map(\.name))
            return (tasks.filter { names.contains($0.name) }, leftOut)
        }
        return (tasks, skipped)
    }

    // MARK: - LIBERO-PRO

    private static func pro(
        _ axis: LiberoProAxis, base: LiberoSuite, arm: VariantSuiteName.Arm, libero: LiberoFolder, files: VariantFiles
    ) throws -> [VariantTask] {
        let root = try files.pro()
        let suite = axis.suite(of: base)
        return zip(suite.tasks, base.tasks).map { task, base in
            // the scenes of paraphrases and other goals are the base's, drawn anew: their own states are the matched ones
            let hasBaseScene = axis == .language || axis == .task
            let problem =
                arm == .clean ? libero.problemFile(of: base) : root.problemFile(of: task)
            let states =
                arm == .clean && !hasBaseScene ? libero.initialStatesFile(of: base) : root.initialStatesFile(of: task)
            var result = VariantTask(
                name: task.name, base: base, problemFile: problem, initialStatesFile: states,
                instruction: arm == .intended && hasBaseScene ? .problem : .text(base.instruction))
            // the arm's angles in PRO's rows are the ordinary posture
            result.movesArm = arm == .clean
            return result
        }
    }

    // MARK: - Language

    private static func counterfactual(
        base: LiberoSuite, arm: VariantSuiteName.Arm, libero: LiberoFolder
    ) throws -> [VariantTask] {
        try base.tasks.flatMap { task in
            try CounterfactualInstruction.all(of: libero.problem(of: task)).map { told in
                var result = VariantTask(
                    name: "\(task.name)__told__\(told.toldObject)", base: task,
                    problemFile: libero.problemFile(of: task),
                    initialStatesFile: libero.initialStatesFile(of: task),
                    instruction: .text(arm == .clean ? task.instruction : told.instruction))
                if arm != .clean { result.goal = told.toldGoal }
                return result
            }
        }
    }

    private static func paraphrase(
        base: LiberoSuite, arm: VariantSuiteName.Arm, libero: LiberoFolder, files: VariantFiles
    ) throws -> [VariantTask] {
        guard base.name == LiberoSuite.goal.name else {
            throw LiberoTasksError.unknownSuite(
                "para:\(base.name)", known: ["para:\(LiberoSuite.goal.name)"])
        }
        let file = try files.paraphrases()
        return try ParaphraseTable(at: file).rows.enumerated().map { index, row in
            guard let task = ParaphraseTable.task(row.task) else {
                throw VariantListError(file: file.path, line: index + 2, reason: "there is no task \(row.task)")
            }
            return VariantTask(
                name: "\(task.name)__row\(index)", base: task, problemFile: libero.problemFile(of: task),
                initialStatesFile: libero.initialStatesFile(of: task),
                instruction: .text(arm == .clean ? task.instruction : row.instruction))
        }
    }
}
