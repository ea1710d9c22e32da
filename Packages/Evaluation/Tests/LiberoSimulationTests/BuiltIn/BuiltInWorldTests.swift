import Evaluation
import LiberoTasks
import Testing

@testable import LiberoSimulation

@Suite struct BuiltInSuiteTests {
    /// Each task is a problem whose sentence is the task's, and whose goal is about the thing the sentence names.
    @Test(arguments: BuiltInWorld.suite.tasks)
    func tasksAreProblems(task: LiberoTask) throws {
        let problem = try BuiltInWorld.problem(of: task)
        #expect(problem.language == task.instruction)
        #expect(problem.goal.count == 1)
        let thing = try #require(problem.goal.first?.arguments.first)
        #expect(task.name.contains(thing.dropLast("_1".count)))
        // another thing, or another place, could be meant
        let things = problem.objects.flatMap(\.instances).filter { !$0.hasPrefix("tray") && !$0.hasPrefix("plate") }
        #expect(things.count >= 2)
        #expect(problem.initialState.count == problem.objects.flatMap(\.instances).count)
    }

    /// Tasks that differ only in their instruction have the same objects and zones: only words tell them apart.
    @Test func instructionsDecide() throws {
        let problems = try BuiltInWorld.suite.tasks.map { try BuiltInWorld.problem(of: $0) }
        let scenes = Dictionary(grouping: problems) { "\($0.objects) \($0.regions) \($0.initialState)" }
        #expect(problems.count >= 4)
        #expect(scenes.values.allSatisfy { $0.count > 1 && Set($0.map { "\($0.goal)" }).count == $0.count })
    }

    @Test func otherTasksAreRefused() {
        let task = LiberoTask(suite: "builtin", name: "make_tea")
        let known = BuiltInWorld.suite.tasks.map(\.name)
        #expect(throws: LiberoTasksError.unknownTask("make_tea", suite: "builtin", known: known)) {
            try BuiltInWorld.problem(of: task)
        }
    }

    @Test func categoriesThatAreMissingNameTheKnownOnes() {
        #expect { try BuiltInWorld.assets.category("teapot") } throws: { "\($0)".contains("red_block") }
        #expect { try BuiltInWorld.assets.sceneClass("libero_floor") } throws: { "\($0)".contains("builtin_table") }
    }
}

#if MuJoCo
    import Kinematics

    @Suite struct BuiltInWorldTests {
        static func simulator(_ task: Int) throws -> LiberoSimulator {
            try LiberoSimulator(builtIn: BuiltInWorld.suite.tasks[task])
        }

        /// After a reset everything comes to rest upright on the table; one task of each scene.
        @Test(arguments: [0, 3, 5])
        func thingsComeToRest(task: Int) throws {
            let simulator = try Self.simulator(task)
            simulator.seed(UInt32(task))
            for _ in 0..<2 {
                try simulator.reset()
                for _ in 0..<12 { try simulator.step([0, 0, 0, 0, 0, 0, -1]) }
                for object in simulator.scene.objects {
                    let before = try #require(simulator.pose(of: object.name))
                    #expect(abs(before.position.z - (0.9 - object.bottomOffset.z)) < 0.002, "\(object.name)")
                    #expect(abs(before.position.x) < 0.4 && abs(before.position.y) < 0.5, "\(object.name)")
                }
                #expect(!simulator.isSuccess)
            }
        }

        /// Where things stand is drawn by the seed.
        @Test func resetsDraw() throws {
            let simulator = try Self.simulator(0)
            func positions(_ seed: UInt32) throws -> [SIMD3<Double>] {
                simulator.seed(seed)
                try simulator.reset()
                return simulator.movableObjects.compactMap { simulator.pose(of: $0)?.position }
            }
            let first = try positions(1)
            #expect(first.count == 4)
            #expect(try positions(2) != first)
            // a simulator of its own, at its first reset as well
            let other = try Self.simulator(0)
            other.seed(1)
            try other.reset()
            #expect(other.movableObjects.compactMap { other.pose(of: $0)?.position } == first)
        }

        /// Things that can be carried take each other's places, the tray keeps its own.
        @Test func placesAreExchanged() throws {
            let environment = try LiberoEnvironment(builtIn: .init(cameras: []))
            func places(_ perturbation: StartPerturbation?) throws -> [String: SIMD2<Double>] {
                let start = EpisodeStart(task: 0, placement: .drawn(seed: 4), perturbation: perturbation)
                _ = try environment.reset(to: start)
                let simulator = try #require(environment.simulator)
                let poses = simulator.movableObjects.map { ($0, simulator.pose(of: $0)!.position) }
                return Dictionary(uniqueKeysWithValues: poses.map { ($0, SIMD2($1.x, $1.y)) })
            }
            let before = try places(nil)
            var orders: Set<[SIMD2<Double>]> = []
            for seed in 0..<12 as Range<UInt64> {
                let after = try places(StartPerturbation(exchangesPlaces: true, seed: seed))
                #expect(after["tray_1"] == before["tray_1"])
                #expect(Set(after.values) == Set(before.values))
                orders.insert(after.sorted { $0.key < $1.key }.map(\.value))
            }
            #expect(orders.count > 3)
        }

        /// A state as files hold it puts everything where it was; one of another scene is refused.
        @Test func statesAreRestored() throws {
            let environment = try LiberoEnvironment(builtIn: .init(imageSize: 16))
            _ = try environment.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 4)))
            for step in 0..<15 { _ = try environment.step([0.5, 0.1 * Double(step % 5), -0.4, 0, 0, 0.1, -1]) }
            let before = try #require(environment.simulator)
            let state = [1.5] + before.qpos + before.qvel
            let poses = before.movableObjects.compactMap { before.pose(of: $0)?.position }

            let other = try LiberoEnvironment(builtIn: .init(imageSize: 16))
            let observation = try other.restore(task: 0, simulatorState: state)
            let after = try #require(other.simulator)
            #expect(after.qpos == before.qpos && after.qvel == before.qvel)
            for (a, b) in zip(poses, after.movableObjects.compactMap({ after.pose(of: $0)?.position })) {
                #expect(abs(a.x - b.x) < 2e-3 && abs(a.y - b.y) < 2e-3 && abs(a.z - b.z) < 2e-3)
            }
            #expect(observation.instruction == BuiltInWorld.suite.tasks[0].instruction)
            #expect(throws: LiberoSimulationError.self) { try other.restore(task: 0, simulatorState: [1, 2]) }
        }

        /// A hand that goes where the named thing is, grasps it and lets go over the tray or the plate does the task.
        @Test(arguments: [1, 4, 6])
        func tasksCanBeDone(task: Int) throws {
            let simulator = try Self.simulator(task)
            simulator.seed(7)
            try simulator.reset()
            var hand = SimpleHand(simulator: simulator)
            let goal = try #require(simulator.problem.goal.first)
            let place = goal.arguments[1].hasPrefix("plate") ? "plate_1" : "tray_1"
            #expect(try hand.carry(goal.arguments[0], to: place))
        }

        /// Carrying something else, or to another place, is no success.
        @Test(arguments: [(2, "red_block_1", "tray_1"), (7, "green_cylinder_1", "tray_1")])
        func somethingElseWillNotDo(task: Int, thing: String, place: String) throws {
            let simulator = try Self.simulator(task)
            simulator.seed(3)
            try simulator.reset()
            var hand = SimpleHand(simulator: simulator)
            #expect(try !hand.carry(thing, to: place))
            // it was carried there all the same
            let region = GoalPredicate.in("\(thing)", "tray_1_contain_region")
            #expect(simulator.holds(region))
        }
    }

    /// Moves the hand straight to where it should be, by proportional control.
    struct SimpleHand {
        let simulator: LiberoSimulator

        /// Grasps a thing, lets go over a place, and says whether the goal was reached on the way.
        mutating func carry(_ thing: String, to place: String) throws -> Bool {
            var isDone = false
            let grasp = try #require(simulator.pose(of: thing)?.position)
            try move(above(grasp, 0.12), grip: -1, steps: 40, &isDone)
            try move(above(grasp, 0.005), grip: -1, steps: 25, &isDone)
            try move(above(grasp, 0.005), grip: 1, steps: 12, &isDone)
            try move(above(grasp, 0.17), grip: 1, steps: 20, &isDone)
            let target = try #require(simulator.pose(of: place)?.position)
            try move(above(target, 0.17), grip: 1, steps: 45, &isDone)
            try move(above(target, 0.055), grip: 1, steps: 25, &isDone)
            try move(above(target, 0.055), grip: -1, steps: 15, &isDone)
            return isDone
        }

        private func above(_ p: SIMD3<Double>, _ height: Double) -> SIMD3<Double> { p + SIMD3(0, 0, height) }

        private func move(_ target: SIMD3<Double>, grip: Double, steps: Int, _ isDone: inout Bool) throws {
            for _ in 0..<steps {
                let d = (target - simulator.robot.endEffectorPosition) * 10
                try simulator.step([d.x, d.y, d.z, 0, 0, 0, grip])
                isDone = isDone || simulator.isSuccess
            }
        }
    }
#endif
