public import LiberoTasks

extension ScriptedExpert {
    /// Whether every predicate of a task's goal is of a kind that its skills bring about.
    public static func supports(_ problem: BDDLProblem) -> Bool {
        obstacles(to: problem.goal, in: problem).isEmpty
    }

    /// What keeps it from a goal in a scene, a sentence for each predicate; none where it has skills for all of them.
    ///
    /// It carries what is movable into or onto regions and objects, opens and closes drawers and doors that open towards
    /// falling joint positions, as LIBERO's do, and turns the knobs of stoves. Having the skills is no promise: how often
    /// they succeed, task by task, is in `Docs/Reproductions/experts.md`.
    public static func obstacles(to goal: [GoalPredicate], in problem: BDDLProblem) -> [String] {
        let movable = Set(problem.objects.flatMap(\.instances))
        let regions = Set(problem.regions.map(\.key))
        let instances = movable.union(problem.fixtures.flatMap(\.instances))

        /// How the joints of an instance, or of the instance that a region is part of, open, close or switch.
        func mechanism(of name: String) -> Mechanism? {
            let target = problem.regions.first { $0.key == name }?.target ?? name
            let category = (problem.fixtures + problem.objects).first { $0.instances.contains(target) }?.category
            return category.flatMap { ObjectCategory.libero[$0] ?? ObjectCategory.liberoPro[$0] }?.mechanism
        }
        return goal.compactMap { predicate in
            switch predicate {
            case .on(let object, let destination), .in(let object, let destination):
                if !movable.contains(object) { return "'\(object)' is not among the objects that can be carried" }
                if !regions.contains(destination), !instances.contains(destination) {
                    return "'\(destination)' is not in the scene"
                }
                return nil
            case .open(let name), .close(let name):
                switch mechanism(of: name)?.kind {
                case .drawer, .microwave: return nil
                case .shortCabinet, .shortFridge: return "'\(name)' opens the other way than its skills do"
                case .stove, nil: return "'\(name)' has nothing to open or close"
                }
            case .turnOn(let name), .turnOff(let name):
                return mechanism(of: name)?.kind == .stove ? nil : "'\(name)' has no knob to turn"
            }
        }
    }
}
