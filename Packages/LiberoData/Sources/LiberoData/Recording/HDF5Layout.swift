import FileSupport
import RobotInterface
import Foundation
import HDF5
import ImageProcessing

/// Writes episodes as groups of LIBERO's HDF5 layout.
struct HDF5Layout {
    let description: DatasetDescription

    /// Datasets and attributes of one demonstration.
    func write(_ record: EpisodeRecord, to group: String, of writer: HDF5Writer) throws {
        let length = record.length
        for (name, column) in record.columns.sorted(by: { $0.key < $1.key }) where name != ColumnName.state {
            let path = HDF5Demonstration.paths[name] ?? (isKnown(name) ? name : HDF5Demonstration.extraFolder + name)
            let isByte = column.elementType == .uint8 || name == ColumnName.reward || name == ColumnName.done
            if isByte, column.values.allSatisfy({ UInt8(exactly: $0) != nil }) {
                let shape = column.width == 1 ? [length] : [length, column.width]
                try writer.write(column.values.map { UInt8($0) }, shape: shape, to: "\(group)/\(path)")
            } else {
                try writer.write(column.values, shape: [length, column.width], to: "\(group)/\(path)")
            }
        }
        try writeState(record, group, writer)
        for name in [ColumnName.reward, ColumnName.done] where record.columns[name] == nil {
            var values = [UInt8](repeating: 0, count: length)
            values[length - 1] = name == ColumnName.reward && record.succeeded == false ? 0 : 1
            try writer.write(values, shape: [length], to: "\(group)/\(HDF5Demonstration.paths[name]!)")
        }
        for (camera, images) in record.images.sorted(by: { $0.key < $1.key }) {
            let described = description.cameras[camera]!
            var pixels: [UInt8] = []
            pixels.reserveCapacity(length * described.width * described.height * 3)
            for image in images { pixels += try image.image().pixels }
            try writer.write(
                pixels, shape: [length, described.height, described.width, 3],
                to: "\(group)/\(HDF5Demonstration.path(of: camera))")
        }

        try writer.setAttribute("num_samples", of: group, to: .integer(length))
        if let first = record.columns[ColumnName.simulatorState]?[0] {
            try writer.setAttribute("init_state", of: group, to: .numbers(Array(first)))
        }
        if let succeeded = record.succeeded {
            try writer.setAttribute("success", of: group, to: .integer(succeeded ? 1 : 0))
        }
        for (name, text) in record.attributes.sorted(by: { $0.key < $1.key }) {
            try writer.setAttribute(name, of: group, to: .text(text))
        }
    }

    /// A path of the layout itself, as other HDF5 files of demonstrations give it.
    private func isKnown(_ name: String) -> Bool { name.hasPrefix("obs/") }

    private func writeState(_ record: EpisodeRecord, _ group: String, _ writer: HDF5Writer) throws {
        guard let state = record.columns[ColumnName.state] else { return }
        func part(_ dimensions: Range<Int>) -> [Double] {
            (0..<state.count).flatMap { frame in dimensions.map { state[frame, $0] } }
        }
        for (path, dimensions) in [
            ("obs/ee_pos", 0..<3), ("obs/ee_ori", 3..<6), ("obs/ee_states", 0..<6), ("obs/gripper_states", 6..<8),
        ] where record.columns[path] == nil {
            try writer.write(part(dimensions), shape: [state.count, dimensions.count], to: "\(group)/\(path)")
        }
    }

    /// The attributes of `/data`.
    ///
    /// - Parameter source: Texts of the file the demonstrations come from; they go before what is made up here.
    func writeFileAttributes(
        of writer: HDF5Writer, suite: String, task: String, instruction: String, count: Int, frameCount: Int,
        keeping source: [String: String] = [:]
    ) throws {
        func json(_ value: Any) throws -> HDF5Attribute {
            let data = try JSONSerialization.data(
                withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
            return .text(String(decoding: data, as: UTF8.self))
        }
        let encoder = JSONEncoder.sorted()
        let meaning = String(decoding: try encoder.encode(description), as: UTF8.self)
        let problemFile = suite.isEmpty ? "\(task).bddl" : "\(suite)/\(task).bddl"
        let environment = "Libero_Tabletop_Manipulation"
        let size = description.cameras[.agentView] ?? description.cameras.min { $0.key < $1.key }?.value
        var attributes: [String: HDF5Attribute] = [
            HDF5TaskFile.attributeOfDescription: .text(meaning), "tag": .text("libero-v1"),
            "num_demos": .integer(count), "total": .integer(frameCount), "bddl_file_name": .text(problemFile),
            "env_name": .text(environment),
            "problem_info": try json(
                ["problem_name": task, "domain_name": "robosuite", "language_instruction": instruction]),
            "env_args": try json([
                "type": 1, "env_name": environment, "problem_name": task, "bddl_file": problemFile,
                "env_kwargs": [
                    "robots": ["Panda"], "controller_configs": Self.controller, "bddl_file_name": problemFile,
                    "has_renderer": false, "has_offscreen_renderer": true, "ignore_done": true, "use_camera_obs": true,
                    "camera_depths": false, "camera_names": ["robot0_eye_in_hand", "agentview"],
                    "reward_shaping": true, "control_freq": Int(description.actionSpace.controlRate),
                    "camera_heights": size?.height ?? 0, "camera_widths": size?.width ?? 0,
                    "camera_segmentations": NSNull(),
                ],
            ]),
        ]
        let counted = [HDF5TaskFile.attributeOfDescription, "num_demos", "total"]
        for (name, text) in source where !counted.contains(name) { attributes[name] = .text(text) }
        attributes["macros_image_convention"] = description.orientation == .raw ? .text("opengl") : nil
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            try writer.setAttribute(name, of: "data", to: value)
        }
    }

    /// robosuite's operational-space controller as LIBERO's recorder notes it.
    private static var controller: [String: Any] {
        [
            "type": "OSC_POSE", "input_max": 1, "input_min": -1, "output_max": [0.05, 0.05, 0.05, 0.5, 0.5, 0.5],
            "output_min": [-0.05, -0.05, -0.05, -0.5, -0.5, -0.5], "kp": 150, "damping_ratio": 1,
            "impedance_mode": "fixed", "kp_limits": [0, 300], "damping_ratio_limits": [0, 10],
            "position_limits": NSNull(), "orientation_limits": NSNull(), "uncouple_pos_ori": true,
            "control_delta": true, "interpolation": NSNull(), "ramp_ratio": 0.2,
        ]
    }
}
