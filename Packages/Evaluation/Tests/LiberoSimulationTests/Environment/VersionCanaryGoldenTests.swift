#if MuJoCo
    import Foundation
    import TensorTestSupport
    import Testing

    @testable import LiberoSimulation

    @Suite(.serialized) struct VersionCanaryGoldenTests {
        static let file = SharedFixtures.root?.appendingPathComponent("golden/variants/canary.json")

        /// The values of the file's MuJoCo of this version; the light where something can be drawn.
        @Test(.enabled(if: file.map { FileManager.default.fileExists(atPath: $0.path) } ?? false))
        func valuesAreThoseOfThisVersion() throws {
            let expected = try JSON(at: try #require(Self.file))["expected"][MuJoCoLibrary.neededVersion]
            let row = expected["ramekin"].array[0].doubles
            let folder = try #require(LiberoGolden.liberoFolder)
            let canary = try VersionCanary.run(at: folder, draws: SimulationSupport.openGL?.hasPrefix("none") == false)
            #expect(abs(canary.bowlHeight - row[1]) < 1e-5)
            #expect(abs(canary.bowlDistance - row[2]) < 1e-5)
            #expect(abs(canary.bowlTilt - row[3]) < 0.01)
            #expect(canary.physicsHolds)
            if let level = canary.floorLevel {
                #expect(abs(level - (try #require(expected["object"]["patch"].double))) < 1)
                #expect(canary.lightHolds == true)
            }
        }

        /// What MuJoCo 3.4.0 and 2.3.7 give.
        @Test func otherVersionsFail() {
            var canary = VersionCanary(bowlHeight: 0.03506, bowlDistance: 0.01453, bowlTilt: 15.95, floorLevel: 117.5)
            #expect(canary.physicsHolds && canary.lightHolds == true)
            canary.floorLevel = 172.4
            #expect(canary.lightHolds == false)
            canary = VersionCanary(bowlHeight: 0.04107, bowlDistance: 0.03712, bowlTilt: 0, floorLevel: nil)
            #expect(!canary.physicsHolds && canary.lightHolds == nil)
            #expect(canary.description.contains("another version"))
        }
    }
#endif
