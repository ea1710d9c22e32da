public import LiberoTasks

/// The world that comes with the program: eight tasks of LIBERO's kind, made of primitives, without a file to download.
///
/// A Panda before a table moves blocks and cylinders into a tray or onto a plate. Scenes hold several things that could
/// be meant and two of them several places to put them, and where everything stands is drawn anew at each reset: the task
/// cannot be done without reading the instruction and looking. Robot, controller, observations, predicates and cameras are
/// those of LIBERO's simulation.
public enum BuiltInWorld {
    /// Its tasks.
    public static let suite = LiberoSuite.builtInWorld

    static let assets = BuiltInAssets()

    /// The problem of a task.
    ///
    /// - Throws: `LiberoTasksError.unknownTask` when it is not one of ``suite``.
    public static func problem(of task: LiberoTask) throws -> BDDLProblem {
        try BDDLParser().problem(text: bddl(of: task))
    }

    /// The text of a task's BDDL file.
    ///
    /// - Throws: As ``problem(of:)``.
    public static func bddl(of task: LiberoTask) throws -> String {
        guard let scene = scenes.first(where: { $0.goals[task.name] != nil }), let goal = scene.goals[task.name] else {
            throw LiberoTasksError.unknownTask(task.name, suite: suite.name, known: suite.tasks.map(\.name))
        }
        return scene.bddl(instruction: task.instruction, goal: goal)
    }

    // MARK: - Scenes

    /// Objects that can be carried are placed in the middle, in one zone; trays to the left, plates to the right.
    private static let scenes = [
        Scene(
            things: ["red_block", "green_block", "blue_block"], places: ["tray"],
            goals: [
                "pick_up_the_red_block_and_place_it_in_the_tray": ("in", "red_block"),
                "pick_up_the_green_block_and_place_it_in_the_tray": ("in", "green_block"),
                "pick_up_the_blue_block_and_place_it_in_the_tray": ("in", "blue_block"),
            ]),
        Scene(
            things: ["red_block", "blue_block", "red_cylinder", "blue_cylinder"], places: ["tray"],
            goals: [
                "pick_up_the_red_cylinder_and_place_it_in_the_tray": ("in", "red_cylinder"),
                "pick_up_the_blue_cylinder_and_place_it_in_the_tray": ("in", "blue_cylinder"),
            ]),
        Scene(
            things: ["yellow_block", "green_cylinder"], places: ["tray", "plate"],
            goals: [
                "put_the_yellow_block_in_the_tray": ("in", "yellow_block"),
                "put_the_yellow_block_on_the_plate": ("on", "yellow_block"),
                "put_the_green_cylinder_on_the_plate": ("on", "green_cylinder"),
            ]),
    ]

    private struct Scene: Sendable {
        var things: [String]
        var places: [String]
        /// By task: `in` the tray or `on` the plate, and what.
        var goals: [String: (relation: String, thing: String)]

        func bddl(instruction: String, goal: (relation: String, thing: String)) -> String {
            let all = things + places
            let target = goal.relation == "in" ? "tray_1_contain_region" : "plate_1"
            let zones = [
                places.count > 1 ? zone("thing", "-0.14 -0.09 0.08 0.09") : zone("thing", "-0.14 -0.22 0.08 0.06"),
                zone("tray", "-0.08 0.22 0.06 0.28"), zone("plate", "-0.08 -0.26 0.06 -0.2"),
            ]
            return """
                (define (problem \(SceneClass.builtInTable.problemName))
                  (:domain robosuite)
                  (:language \(instruction))
                  (:regions
                    \(zones.joined(separator: "\n    "))
                    (contain_region (:target tray_1))
                  )
                  (:fixtures main_table - table)
                  (:objects
                    \(all.map { "\($0)_1 - \($0)" }.joined(separator: "\n    "))
                  )
                  (:obj_of_interest \(goal.thing)_1 \(goal.relation == "in" ? "tray_1" : "plate_1"))
                  (:init
                    \(all.map { "(On \($0)_1 main_table_\(places.contains($0) ? $0 : "thing")_region)" }
                    .joined(separator: "\n    "))
                  )
                  (:goal (And (\(goal.relation == "in" ? "In" : "On") \(goal.thing)_1 \(target))))
                )
                """
        }

        private func zone(_ name: String, _ rectangle: String) -> String {
            "(\(name)_region (:target main_table) (:ranges ((\(rectangle)))))"
        }
    }
}
