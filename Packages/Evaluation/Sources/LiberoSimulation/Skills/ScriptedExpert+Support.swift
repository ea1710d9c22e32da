public import LiberoTasks

extension ScriptedExpert {
    /// Whether every predicate of a goal is of a kind it can bring about.
    public static func supports(_ goal: [GoalPredicate]) -> Bool { true }
}
