#if MuJoCo
    import Foundation
    import ImageProcessing
    import TensorCore
    import Testing

    @testable import LiberoSimulation

    @Suite(.serialized) struct CameraRendererTests {
        /// A red box and, out of `front`'s view, a green one; `back` sees the green one.
        static let scene = """
            <mujoco>
              <visual><headlight ambient="1 1 1" diffuse="0 0 0" specular="0 0 0"/></visual>
              <worldbody>
                <camera name="front" pos="0 -2 0" xyaxes="1 0 0 0 0 1"/>
                <camera name="back" pos="0 -4 0" xyaxes="-1 0 0 0 0 1"/>
                <body name="red"><joint type="slide" axis="1 0 0"/><geom type="box" size=".3 .3 .3" rgba="1 0 0 1" group="1"/></body>
                <geom type="box" pos="0 -6 0" size=".3 .3 .3" rgba="0 1 0 1" group="1"/>
                <geom type="box" pos="0 -1 0" size=".1 .1 .1" rgba="0 0 1 1" group="0"/>
              </worldbody>
            </mujoco>
            """

        private func image(_ camera: String, position: Double = 0, profile: RenderProfile = .faithful) throws
            -> RGBImage
        {
            let model = try MuJoCoModel(xml: Self.scene, name: "boxes")
            let data = MuJoCoData(model)
            data.pointer.pointee.qpos[0] = position
            let renderer = try CameraRenderer(model: model, profile: profile)
            return try renderer.image(of: RenderState(data), camera: camera, width: 40, height: 30)
        }

        /// Each camera sees its box in the middle, and no collision shape.
        @Test(arguments: RenderProfile.all)
        func camerasSeeWhatIsInFrontOfThem(profile: RenderProfile) throws {
            #expect(try image("front", profile: profile)[20, 15] == SIMD3(255, 0, 0))
            #expect(try image("back", profile: profile)[20, 15] == SIMD3(0, 255, 0))
        }

        /// The state is drawn, not what the simulation has come to since.
        @Test func statesOutliveTheSimulation() throws {
            let model = try MuJoCoModel(xml: Self.scene, name: "boxes")
            let data = MuJoCoData(model)
            let renderer = try CameraRenderer(model: model)
            let state = RenderState(data)
            let before = try renderer.image(of: state, camera: "front", width: 32, height: 32)
            data.pointer.pointee.qpos[0] = 1
            data.forward()
            model.pointer.pointee.body_pos[3] = 1
            #expect(try renderer.image(of: state, camera: "front", width: 32, height: 32) == before)
            let after = try renderer.image(of: RenderState(data), camera: "front", width: 32, height: 32)
            #expect(after != before)
        }

        /// Row 0 is the bottom: the box lifted above the camera shows in the last rows.
        @Test func rowsRunUpwards() throws {
            let xml = Self.scene.replacingOccurrences(of: "body name=\"red\"", with: "body name=\"red\" pos=\"0 0 .6\"")
            let model = try MuJoCoModel(xml: xml, name: "boxes")
            let renderer = try CameraRenderer(model: model)
            let image = try renderer.image(
                of: RenderState(MuJoCoData(model)), camera: "front", width: 32, height: 32)
            #expect(image[16, 28] == SIMD3(255, 0, 0))
            #expect(image[16, 3] != SIMD3(255, 0, 0))
        }

        /// Renderers on several threads, each with its context, draw the same.
        @Test func severalRenderersAgree() async throws {
            let alone = try image("front")
            let together = try await withThrowingTaskGroup(of: RGBImage.self) { group in
                for _ in 0..<4 { group.addTask { try image("front") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(together == Array(repeating: alone, count: 4))
        }

        /// Images of several sizes from one renderer are those of a renderer for each.
        @Test func sizesDoNotDisturbEachOther() throws {
            let model = try MuJoCoModel(xml: Self.scene, name: "boxes")
            let state = RenderState(MuJoCoData(model))
            let sizes = [(16, 16), (200, 150), (16, 16), (64, 300)]
            let renderer = try CameraRenderer(model: model)
            for (width, height) in sizes {
                let alone = try CameraRenderer(model: model).image(
                    of: state, camera: "front", width: width, height: height)
                #expect(try renderer.image(of: state, camera: "front", width: width, height: height) == alone)
            }
        }

        /// Leaving out what neither a camera nor a mirror in view shows changes no pixel: spheres all around, a mirror
        /// below and one at an angle, cameras in all directions.
        @Test func cullingChangesNoPixel() throws {
            var generator = PhiloxGenerator(seed: 5)
            func number(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &generator) }
            func position(_ r: Double) -> String { "\(number(-r...r)) \(number(-r...r)) \(number(0.2...r))" }
            let spheres = (0..<60).map { _ in
                let color = "\(number(0...1)) \(number(0...1)) \(number(0...1)) 1"
                return "<geom size='\(number(0.05...0.4))' pos='\(position(4))' rgba='\(color)' group='1'/>"
            }
            let cameras = (0..<12).map {
                "<camera name='c\($0)' pos='\(position(2))' euler='\(number(0...180)) \(number(0...360)) 0'/>"
            }
            let xml = """
                <mujoco>
                  <asset><material name="mirror" reflectance="0.6" rgba="0.3 0.3 0.3 1"/></asset>
                  <worldbody>
                    <light pos="0 0 5" castshadow="false"/>
                    <geom type="plane" size="5 5 1" material="mirror" group="1"/>
                    <geom type="box" size="1 1 0.1" pos="0 3 1" euler="70 0 20" material="mirror" group="1"/>
                    \(spheres.joined())\(cameras.joined())
                  </worldbody>
                </mujoco>
                """
            let model = try MuJoCoModel(xml: xml, name: "mirrors")
            let state = RenderState(MuJoCoData(model))
            let all = try CameraRenderer(model: model, cullsView: false)
            let seen = try CameraRenderer(model: model)
            var savings = 0
            for camera in 0..<12 {
                let name = "c\(camera)"
                let expected = try all.image(of: state, camera: name, width: 48, height: 32)
                #expect(try seen.image(of: state, camera: name, width: 48, height: 32) == expected, "\(name)")
                let counts = try [all, seen].map {
                    try $0.frameTime(of: state, camera: name, width: 48, height: 32, roundCount: 1).geomCount
                }
                savings += counts[0] - counts[1]
            }
            #expect(savings > 100)
        }

        @Test func errorsNameWhatThereIs() throws {
            let model = try MuJoCoModel(xml: Self.scene, name: "boxes")
            let state = RenderState(MuJoCoData(model))
            let renderer = try CameraRenderer(model: model)
            #expect(throws: RenderingError.unknownCamera("top", known: ["front", "back"])) {
                try renderer.image(of: state, camera: "top", width: 8, height: 8)
            }
            #expect(throws: RenderingError.imageSize(width: 0, height: 8, largest: 4096)) {
                try renderer.image(of: state, camera: "front", width: 0, height: 8)
            }
            let other = try MuJoCoModel(xml: "<mujoco><worldbody/></mujoco>", name: "empty")
            #expect(throws: RenderingError.wrongState(found: 0, expected: 1)) {
                try renderer.image(
                    of: RenderState(MuJoCoData(other)), camera: "front", width: 8, height: 8)
            }
            #expect(throws: RenderingError.unknownProfile("quick", known: ["faithful", "plain", "light", "fast"])) {
                try RenderProfile(named: "quick")
            }
        }

        /// A process draws with one library; asking for the other says so.
        @Test func librariesDoNotMix() throws {
            let model = try MuJoCoModel(xml: Self.scene, name: "boxes")
            let first = try CameraRenderer(model: model)
            let isEGL = try first.driver.hasPrefix("EGL")
            #expect {
                try CameraRenderer(model: model, library: isEGL ? .osmesa : .egl)
            } throws: { "\($0)".contains("this process already draws with") }
        }
    }
#endif
