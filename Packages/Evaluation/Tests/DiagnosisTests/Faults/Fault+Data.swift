import ActionTokenizer
import Diagnosis
import Foundation
import ImageProcessing
import LiberoData
import VLAPolicy

extension RGBImage {
    func mapped(_ change: (Int, Int, Int) -> (Int, Int, Int)) -> RGBImage {
        var pixels = pixels
        for i in stride(from: 0, to: pixels.count, by: 3) {
            let (r, g, b) = change(Int(pixels[i]), Int(pixels[i + 1]), Int(pixels[i + 2]))
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (UInt8(r), UInt8(g), UInt8(b))
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// As OpenCV hands it over.
    var blueFirst: RGBImage { mapped { ($2, $1, $0) } }

    func byWayOf(_ side: Int) -> RGBImage {
        resized(to: .square(side), using: .torchBilinear).resized(
            to: ImageSize(width: width, height: height), using: .torchBilinear)
    }
}

/// Orientations as programs outside of this one mix them up; written without the doctor's.
enum Mixup {
    static func quaternion(_ v: SIMD3<Double>) -> [Double] {
        let angle = sqrt(v.x * v.x + v.y * v.y + v.z * v.z)
        guard angle > 0 else { return [0, 0, 0, 1] }
        let s = sin(angle / 2) / angle
        return [v.x * s, v.y * s, v.z * s, cos(angle / 2)]
    }

    /// robosuite's conversion, of numbers in the order given.
    static func axisAngle(_ q: [Double]) -> SIMD3<Double> {
        let w = min(max(q[3], -1), 1)
        let d = sqrt(1 - w * w)
        return d == 0 ? .zero : SIMD3(q[0], q[1], q[2]) * (2 * acos(w) / d)
    }

    /// A quaternion x, y, z, w handed to code that takes the first number for w.
    static func wrongOrder(_ v: SIMD3<Double>) -> SIMD3<Double> {
        let q = quaternion(v)
        return axisAngle([q[1], q[2], q[3], q[0]])
    }

    /// Roll, pitch, yaw in place of axis and angle.
    static func euler(_ v: SIMD3<Double>) -> SIMD3<Double> {
        let q = quaternion(v)
        let (x, y, z, w) = (q[0], q[1], q[2], q[3])
        return SIMD3(
            atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)), asin(max(-1, min(1, 2 * (w * y - z * x)))),
            atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    }
}

extension Fault {
    static func data(
        _ name: String, _ causes: Set<Cause>, reportedFault: Int? = nil,
        _ change: @escaping @Sendable (inout EpisodeEdit) throws -> Void
    ) -> Fault {
        Fault(name, causes, reportedFault: reportedFault) { patient, _ in try patient.rewrite(change) }
    }

    static let ofImages: [Fault] = [
        .data("recorded images are turned by 180°, said to be raw", [.turned], reportedFault: 4) {
            $0.mapImages { $0.rotated180() }
        },
        .data("recorded images have their rows reversed", [.rowsReversed]) {
            $0.mapImages { $0.flippedVertically() }
        },
        .data("recorded images are mirrored", [.columnsReversed]) { $0.mapImages { $0.flippedHorizontally() } },
        .data("recorded images are BGR", [.channelsExchanged]) { $0.mapImages { $0.blueFirst } },
        .data("recorded cameras have each other's names", [.camerasExchanged]) {
            $0.images = [.agentView: $0.images[.wrist]!, .wrist: $0.images[.agentView]!]
        },
        .data("the wrist's images alone are turned", [.oneCameraTurned]) {
            $0.images[.wrist] = $0.images[.wrist]!.map { $0.rotated180() }
        },
        .data("images were rendered at half the size and enlarged", [.sourceSize], reportedFault: 1) {
            $0.mapImages { $0.byWayOf($0.width / 2) }
        },
        .data("images were stored as JPEG of quality 15", [.codec]) {
            $0.mapImages { JPEG.roundTrip($0, JPEG.Settings(quality: 15), inverseTransform: .accurate) }
        },
        .data("all recorded images are black", [.blankImages]) {
            $0.mapImages { RGBImage(width: $0.width, height: $0.height) }
        },
    ]

    static let ofNumbers: [Fault] = [
        .data("the quaternion was taken as w, x, y, z", [.quaternionOrder], reportedFault: 2) {
            $0.map(ColumnName.state) { row in
                let v = Mixup.wrongOrder(SIMD3(row[3], row[4], row[5]))
                return Array(row[0..<3]) + [v.x, v.y, v.z] + Array(row[6...])
            }
        },
        .data("Euler angles were recorded for axis and angle", [.rotationFormat], reportedFault: 3) {
            $0.map(ColumnName.state) { row in
                let v = Mixup.euler(SIMD3(row[3], row[4], row[5]))
                return Array(row[0..<3]) + [v.x, v.y, v.z] + Array(row[6...])
            }
        },
        .data("positions in millimetres", [.stateUnits]) {
            $0.map(ColumnName.state) { row in
                row.enumerated().map { (3..<6).contains($0) ? $1 : $1 * 1000 }
            }
        },
        .data("positions in the robot's base frame", [.stateOffset]) {
            $0.map(ColumnName.state) { row in [row[0] + 0.66, row[1], row[2] - 0.912] + Array(row[3...]) }
        },
        .data("both fingers positive", [.fingers]) {
            $0.map(ColumnName.state) { row in Array(row.dropLast()) + [abs(row[row.count - 1])] }
        },
        .data("the gripper's sign is reversed", [.gripperSign]) {
            $0.mapActions { Array($0.dropLast()) + [-$0.last!] }
        },
        .data("the gripper is 0 and 1, said to be −1 and 1", [.gripperRange]) {
            $0.mapActions { Array($0.dropLast()) + [$0.last! > 0 ? 1 : 0] }
        },
        .data("actions lie two frames late", [.labelShift]) { $0.shiftActions(by: -2) },
        .data("actions lie one frame early", [.labelShift]) { $0.shiftActions(by: 1) },
        .data("actions are in metres and radians", [.actionScale]) {
            $0.mapActions { row in
                row.enumerated().map { $0 < 3 ? $1 * 0.05 : $0 < 6 ? $1 * 0.5 : $1 }
            }
        },
        .data("the y axis of the actions points the other way", [.actionAxes]) {
            $0.mapActions { row in row.enumerated().map { $0 == 1 ? -$1 : $1 } }
        },
        .data("every second frame was dropped", [.frameRate]) { edit in
            edit.keep(Array(stride(from: 0, to: edit.columns[ColumnName.action]!.count, by: 2)))
        },
        Fault("instructions are those of other tasks", [.instruction]) { patient, _ in
            let dataset = try LiberoDataset(at: patient.data)
            var next: [String: String] = [:]
            let all = Array(Set(dataset.episodes.map(\.instruction))).sorted()
            for (index, text) in all.enumerated() { next[text] = all[(index + 3) % all.count] }
            try patient.rewrite { [next] in $0.instruction = next[$0.instruction]! }
        },
    ]
}
