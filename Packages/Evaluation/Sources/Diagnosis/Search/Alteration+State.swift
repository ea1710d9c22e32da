import RobotInterface
import ActionTokenizer
import LiberoData
import VLAPolicy

extension RobotState {
    /// The eight numbers of LIBERO; nil for other hands.
    var numbers: [Double]? {
        guard fingerPositions.count == 2 else { return nil }
        let (p, a) = (endEffectorPosition, axisAngle)
        return [p.x, p.y, p.z, a.x, a.y, a.z] + fingerPositions
    }

    func with(_ numbers: [Double]) -> RobotState {
        RobotState(
            endEffectorPosition: SIMD3(numbers[0..<3]), endEffectorOrientation: .axisAngle(SIMD3(numbers[3..<6])),
            fingerPositions: Array(numbers[6..<8]), jointPositions: jointPositions)
    }

    func withAxisAngle(_ vector: SIMD3<Double>) -> RobotState {
        var result = self
        result.endEffectorOrientation = .axisAngle(vector)
        return result
    }
}

extension Alteration {
    /// Changes of the numbers of a state, which can be made to those of a world as well.
    ///
    /// - Parameter usual: The mean state the policy was trained with, where it is known.
    static func ofState(usual: [Double]?) -> [Alteration] {
        let usualAngle = usual.map { SIMD3($0[3..<6]) }
        @Sendable func angle(_ q: SIMD4<Double>) -> SIMD3<Double> {
            usualAngle.map { Rotations.axisAngle(q, near: $0) } ?? Rotations.axisAngle(q)
        }
        let orderCure = "hand the quaternion over as .quaternionXYZW, or convert it: robosuite has x, y, z, w"
        let formatCure = "record axis times angle (RobotState.axisAngle), not roll, pitch and yaw"
        var all: [Alteration] = [
            .state(.quaternionOrder, "w, x, y, z was taken for x, y, z, w", remedy: orderCure) { state in
                state.withAxisAngle(angle(Rotations.wLast(Rotations.quaternion(axisAngle: state.axisAngle))))
            },
            .state(.quaternionOrder, "x, y, z, w was taken for w, x, y, z", remedy: orderCure) { state in
                state.withAxisAngle(angle(Rotations.wFirst(Rotations.quaternion(axisAngle: state.axisAngle))))
            },
            .state(.rotationFormat, "roll, pitch and yaw were taken for axis and angle", remedy: formatCure) { state in
                state.withAxisAngle(angle(Rotations.quaternion(rollPitchYaw: state.axisAngle)))
            },
            .state(.rotationFormat, "axis and angle were taken for roll, pitch and yaw", remedy: formatCure) { state in
                state.withAxisAngle(Rotations.rollPitchYaw(Rotations.quaternion(axisAngle: state.axisAngle)))
            },
            .state(.fingers, "the two fingers exchanged", remedy: "record the fingers in the simulator's order") {
                var state = $0
                state.fingerPositions.reverse()
                return state
            },
            .state(
                .fingers, "the second finger's sign",
                remedy: "LIBERO's fingers have opposite signs: about +0.04 and −0.04 when open"
            ) {
                var state = $0
                guard state.fingerPositions.count == 2 else { return nil }
                state.fingerPositions[1] = -state.fingerPositions[1]
                return state
            },
            .state(.stateUnits, "millimetres were taken for metres", remedy: "record positions in metres") {
                var state = $0
                state.endEffectorPosition /= 1000
                state.fingerPositions = state.fingerPositions.map { $0 / 1000 }
                return state
            },
            .state(.stateUnits, "metres were taken for millimetres", remedy: "record positions in metres") {
                var state = $0
                state.endEffectorPosition *= 1000
                state.fingerPositions = state.fingerPositions.map { $0 * 1000 }
                return state
            },
        ]
        for (name, order) in orders {
            all.append(
                .state(
                    .stateOrder, "the state's numbers in the order \(name)",
                    remedy: "give position, axis-angle, fingers"
                ) {
                    guard let numbers = $0.numbers else { return nil }
                    return $0.with(order.map { numbers[$0] })
                })
        }
        return all
    }

    /// Orders of the parts, as places of the right numbers in the given ones.
    private static let orders: [(String, [Int])] = [
        ("position, fingers, axis-angle", [0, 1, 2, 5, 6, 7, 3, 4]),
        ("axis-angle, position, fingers", [3, 4, 5, 0, 1, 2, 6, 7]),
        ("axis-angle, fingers, position", [5, 6, 7, 0, 1, 2, 3, 4]),
        ("fingers, position, axis-angle", [2, 3, 4, 5, 6, 7, 0, 1]),
        ("fingers, axis-angle, position", [5, 6, 7, 2, 3, 4, 0, 1]),
    ]

    /// Changes that need the statistics of the data and of the training.
    static func ofStateStatistics(_ pipeline: ObservationPipeline, data: ColumnStatistics) -> [Alteration] {
        guard let state = pipeline.state else { return [] }
        var all: [Alteration] = []
        func add(_ cause: Cause, _ what: String, _ remedy: String, _ make: @escaping () throws -> StatePipeline) {
            var alteration = Alteration(cause, what, remedy: remedy)
            alteration.pipeline = { pipeline in
                guard let changed = try? make() else { return nil }
                return try? ObservationPipeline(cameras: pipeline.cameras, state: changed, prompt: pipeline.prompt)
            }
            all.append(alteration)
        }
        let (statistics, source) = (state.normalization.statistics, state.normalization.source)
        if data.mean.count == state.layout.count, let own = try? ActionStatistics(data) {
            add(
                .stateStatistics, "the statistics of these data",
                "train with the statistics of the training data, or take the checkpoint that belongs to these data"
            ) {
                try StatePipeline(
                    layout: state.layout, normalization: Normalization(state.normalization.method, own, source: source))
            }
        }
        for method in ActionNormalizer.Method.allCases where method != state.normalization.method {
            add(.stateStatistics, "normalized by \(method.rawValue)", "write '\(method.rawValue)' into pipeline.json") {
                try StatePipeline(
                    layout: state.layout, normalization: Normalization(method, statistics, source: source))
            }
        }
        // the layout as LIBERO has it: with the statistics where they stand, and with them moved along
        let parts = state.layout.parts
        for order in permutations(parts) where order != parts {
            let name = order.map(\.rawValue).joined(separator: ", ")
            let layout = StateLayout(order)
            add(.stateOrder, "the layout \(name), statistics as they stand", "write the layout \(name)") {
                try StatePipeline(layout: layout, normalization: state.normalization)
            }
            guard let moved = try? statistics.reordered(parts, as: order) else { continue }
            add(.stateOrder, "the layout \(name)", "write the layout \(name)") {
                try StatePipeline(
                    layout: layout, normalization: Normalization(state.normalization.method, moved, source: source))
            }
        }
        // the position moved to where it was in training
        if let trained = statistics.mean, trained.count == data.mean.count, parts.first == .endEffectorPosition {
            let way = SIMD3((0..<3).map { trained[$0] - data.mean[$0] })
            if (way * way).sum().squareRoot() > 0.05 {
                all.append(
                    .state(
                        .stateOffset, "the position moved by \(way.x), \(way.y), \(way.z) m",
                        remedy: "give the position in the frame of the training: the world's in LIBERO"
                    ) {
                        var state = $0
                        state.endEffectorPosition += way
                        return state
                    })
            }
        }
        return all
    }

    private static func permutations(_ parts: [StateLayout.Part]) -> [[StateLayout.Part]] {
        guard parts.count > 1, parts.count < 5 else { return [parts] }
        return parts.indices.flatMap { index in
            var rest = parts
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }
}

extension ActionStatistics {
    /// Of the data, as a training would take them.
    init(_ column: ColumnStatistics, mask: [Bool]? = nil, gripperConvention: GripperConvention? = nil) throws {
        try self.init(
            mean: column.mean, standardDeviation: column.standardDeviation, minimum: column.minimum,
            maximum: column.maximum, lowerQuantile: column.quantile(0.01), upperQuantile: column.quantile(0.99),
            mask: mask, gripperConvention: gripperConvention)
    }

    /// The same numbers for parts in another order.
    func reordered(_ parts: [StateLayout.Part], as order: [StateLayout.Part]) throws -> ActionStatistics {
        var starts: [StateLayout.Part: Int] = [:]
        var start = 0
        for part in parts {
            starts[part] = start
            start += part.count
        }
        let places = order.flatMap { part in (0..<part.count).map { starts[part]! + $0 } }
        func moved<Value>(_ list: [Value]?) -> [Value]? { list.map { list in places.map { list[$0] } } }
        return try ActionStatistics(
            mean: moved(mean), standardDeviation: moved(standardDeviation), minimum: moved(minimum),
            maximum: moved(maximum), lowerQuantile: moved(lowerQuantile), upperQuantile: moved(upperQuantile),
            mask: moved(mask), gripperConvention: gripperConvention)
    }
}
