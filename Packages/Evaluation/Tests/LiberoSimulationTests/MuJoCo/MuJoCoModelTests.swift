#if MuJoCo
    import Testing

    @testable import LiberoSimulation

    @Suite struct MuJoCoModelTests {
        /// A ball on a free joint has seven positions and six velocities.
        @Test func compilesFromText() throws {
            let xml = "<mujoco><worldbody><body><freejoint/><geom size='0.1'/></body></worldbody></mujoco>"
            let model = try MuJoCoModel(xml: xml, name: "ball")
            #expect(model.positionCount == 7 && model.velocityCount == 6 && model.actuatorCount == 0)
        }

        @Test func errorsCarryMuJoCosWords() {
            #expect {
                try MuJoCoModel(xml: "<mujoco><worldbody><cube/></worldbody></mujoco>", name: "cube")
            } throws: { "\($0)".contains("cube") && "\($0)".contains("unrecognized element") }
        }
    }
#else
    import Testing

    @testable import LiberoSimulation

    @Suite struct MuJoCoModelTests {
        @Test func errorNamesTheTrait() {
            #expect(LiberoSimulationError.builtWithoutMuJoCo.description.contains("--traits MuJoCo"))
        }
    }
#endif
