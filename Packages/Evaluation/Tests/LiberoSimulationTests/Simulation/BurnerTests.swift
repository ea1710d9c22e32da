#if MuJoCo
    import LiberoTasks
    import Testing

    @testable import LiberoSimulation

    @Suite(.serialized, .enabled(if: LiberoGolden.liberoFolder != nil)) struct BurnerTests {
        /// In KITCHEN_SCENE8 the stove starts switched on, in KITCHEN_SCENE3 it does not. The original hides all sites with
        /// a reset and looks at the knob after a stored state and after a step.
        @Test(arguments: [(38, true), (20, false)])
        func burnerIsDrawnFromTheFirstUpdateOn(task: Int, isOn: Bool) throws {
            let task = LiberoSuite.ninety.tasks[task]
            let simulator = try LiberoSimulator(
                problem: LiberoGolden.problem(of: task), assets: LiberoGolden.assets(), isDrawn: false)
            let burner = try #require(simulator.ids.burners.first).site
            func opacities() -> [Float] {
                let m = simulator.model.pointer.pointee
                return (0..<Int(m.nsite)).map { m.site_rgba[4 * $0 + 3] }
            }
            func isDrawn(_ site: Int) -> Bool { opacities()[site] > 0 }
            func othersAreHidden() -> Bool { !opacities().indices.contains { $0 != burner && isDrawn($0) } }

            for _ in 0..<2 {
                try simulator.reset()
                #expect(!isDrawn(burner) && othersAreHidden())
                try simulator.apply(
                    LiberoFolder(at: #require(LiberoGolden.liberoFolder)).initialStates(of: task), row: 0)
                #expect(isDrawn(burner) == isOn && othersAreHidden())
                try simulator.step([0, 0, 0, 0, 0, 0, -1])
                #expect(isDrawn(burner) == isOn && othersAreHidden())
            }
        }
    }
#endif
