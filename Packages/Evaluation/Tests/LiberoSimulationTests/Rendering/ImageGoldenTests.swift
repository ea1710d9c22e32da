#if MuJoCo
    import Foundation
    import ImageProcessing
    import TensorCore
    import TensorTestSupport
    import Testing

    @testable import LiberoSimulation

    /// The images robosuite and LIBERO gave (`golden/libero/*/{init,end}_<camera>_<size>.png`), from the composed
    /// models beside them: after the initial state was applied, and after the 60 steps of the recorded rollout.
    @Suite(.serialized) struct ImageGoldenTests {
        static let cases = SharedFixtures.folders(in: "golden/libero").filter {
            FileManager.default.fileExists(atPath: $0.appendingPathComponent("composed.xml").path)
        }

        @Test(arguments: cases)
        func imagesMatchLIBERO(folder: URL) throws {
            let golden = try ImageGolden(folder)
            let renderer = try CameraRenderer(model: golden.model)
            let largest = try largestDifference(driver: renderer.driver)
            for (moment, state) in try golden.states() {
                for image in golden.images where image.moment == moment {
                    let expected = try RGBImage(at: image.file)
                    let found = try renderer.image(
                        of: state, camera: image.camera, width: expected.width, height: expected.height)
                    let difference = meanDifference(found, expected)
                    #expect(
                        largest == 0 ? found == expected : difference <= largest,
                        "\(image.file.lastPathComponent): \(difference) grey levels")
                }
            }
        }
    }

    /// How far images may be from the references, in grey levels: not at all where the references were made.
    ///
    /// Mesa's software renderer uses the processor's approximate reciprocals, which differ between AMD and Intel: on an
    /// Intel processor some pixels differ by a level or two.
    private func largestDifference(driver: String) throws -> Double {
        guard driver.contains("Mesa 22.3") else { return 1 }
        let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        return processor.contains("AuthenticAMD") ? 0 : 0.1
    }

    func meanDifference(_ a: RGBImage, _ b: RGBImage) -> Double {
        guard a.pixels.count == b.pixels.count else { return .infinity }
        let total = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(total) / Double(a.pixels.count)
    }

    /// A golden folder's model and images.
    struct ImageGolden {
        struct Image {
            let file: URL
            let moment: String
            let camera: String
        }

        let model: MuJoCoModel
        let arrays: NumPyArchive
        let images: [Image]

        init(_ folder: URL) throws {
            let shared = try #require(SharedFixtures.root)
            let xml = try String(contentsOf: folder.appendingPathComponent("composed.xml"), encoding: .utf8)
            let assets = shared.appendingPathComponent("libero").path
            let name = folder.lastPathComponent
            model = try MuJoCoModel(xml: xml.replacing("file=\"", with: "file=\"\(assets)/"), name: name)
            arrays = try NumPyArchive(at: folder.appendingPathComponent("arrays.npz"))
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            images = files.compactMap { file in
                let parts = file.deletingPathExtension().lastPathComponent.split(separator: "_")
                guard file.pathExtension == "png", parts.count > 2 else { return nil }
                return Image(
                    file: file, moment: String(parts[0]), camera: parts[1..<(parts.count - 1)].joined(separator: "_"))
            }
        }

        /// The states of the images: `init` as stored, `end` by playing the recorded controls.
        func states() throws -> [(moment: String, RenderState)] {
            let m = model.pointer.pointee
            try copy("model_body_pos", to: m.body_pos, 3 * Int(m.nbody))
            try copy("model_body_quat", to: m.body_quat, 4 * Int(m.nbody))
            let colors = try array("model_site_rgba")
            for i in 0..<4 * Int(m.nsite) { m.site_rgba[i] = Float(colors[i]) }
            // reset hides all sites
            for site in 0..<Int(m.nsite) { m.site_rgba[4 * site + 3] = -abs(m.site_rgba[4 * site + 3]) }

            let data = MuJoCoData(model)
            try copy("init_qpos", to: data.pointer.pointee.qpos, Int(m.nq))
            try copy("init_qvel", to: data.pointer.pointee.qvel, Int(m.nv))
            data.forward()
            lightBurners(data)
            var states = [("init", RenderState(data))]

            // an image after a step shows the state before its last substep
            let controls = try array("roll_ctrl_substeps")
            let substepCount = controls.count / Int(m.nu)
            for substep in 0..<substepCount {
                if substep == substepCount - 1 { states.append(("end", RenderState(data))) }
                for u in 0..<Int(m.nu) { data.pointer.pointee.ctrl[u] = controls[substep * Int(m.nu) + u] }
                data.step()
            }
            lightBurners(data)
            states[states.count - 1].1 = RenderState(positions: states[states.count - 1].1.qpos, model: model)
            return states
        }

        /// Shows the burners whose knob is turned on.
        private func lightBurners(_ data: MuJoCoData) {
            for site in 0..<Int(model.pointer.pointee.nsite) {
                guard let name = model.siteName(site), name.hasSuffix("_burner"),
                    let knob = model.jointID(name.dropLast("_burner".count) + "_button")
                else { continue }
                let isOn = data.pointer.pointee.qpos[Int(model.pointer.pointee.jnt_qposadr[knob])] >= 0.5
                let alpha = abs(model.pointer.pointee.site_rgba[4 * site + 3])
                model.pointer.pointee.site_rgba[4 * site + 3] = isOn ? alpha : -alpha
            }
        }

        private func array(_ name: String) throws -> [Double] {
            try arrays.tensor(name).converted(to: .float64).elements(of: Double.self)
        }

        private func copy(_ name: String, to target: UnsafeMutablePointer<Double>, _ count: Int) throws {
            let values = try array(name)
            try #require(values.count == count)
            target.update(from: values, count: count)
        }
    }
#endif
