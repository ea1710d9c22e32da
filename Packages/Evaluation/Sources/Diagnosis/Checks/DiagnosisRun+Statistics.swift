import RobotInterface
import ActionTokenizer
import LiberoData
import VLAPolicy

extension DiagnosisRun {
    /// The statistics in the checkpoint against those of the data.
    mutating func compareStatistics() throws -> Check {
        guard let checkpoint = subject?.checkpoint, let sample, let dataset else {
            return Check("statistics", .skipped, "there are no data")
        }
        let before = report.findings.count
        let actions = checkpoint.actionPipeline.normalization.statistics
        var details: [String] = []
        if let distance = Self.distance(
            actions, sample.actions,
            floors: [Double](repeating: 0.2, count: checkpoint.actionPipeline.dimensionCount - 1))
        {
            details.append("actions \(Evidence.short(distance.value))")
            if distance.value > 0.5 {
                report.add(
                    Finding(
                        .actionStatistics, in: .checkpointOrData, .symptom, certainty: certainty(distance.value),
                        detail: "The range of \(name(distance.dimension)) in the data is "
                            + "\(text(distance.data)), in the checkpoint's statistics \(text(distance.trained)).",
                        evidence: [Evidence("largest difference of a range, in widths", distance.value, expected: 0)],
                        remedy: "train on these data, or give the statistics of the training "
                            + "(vla data stats \(doctor.data.lastPathComponent))"))
            }
        }
        if let state = checkpoint.observationPipeline.state,
            state.layout.count == sample.states.mean.count,
            let distance = Self.distance(
                (try? state.normalization.statistics.reordered(
                    state.layout.parts, as: dataset.description.stateLayout.parts)) ?? state.normalization.statistics,
                sample.states, floors: dataset.description.stateLayout.parts.flatMap(Self.floors))
        {
            details.append("state \(Evidence.short(distance.value))")
            if distance.value > 0.5 {
                report.add(
                    Finding(
                        .stateStatistics, in: .checkpointOrData, .symptom, certainty: certainty(distance.value),
                        detail: "The range of the state's number \(distance.dimension) in the data is "
                            + "\(text(distance.data)), in the checkpoint's statistics \(text(distance.trained)).",
                        evidence: [Evidence("largest difference of a range, in widths", distance.value, expected: 0)],
                        remedy: "train on these data, or give the statistics of the training "
                            + "(vla data stats \(doctor.data.lastPathComponent))"))
            }
            if state.layout != dataset.description.stateLayout {
                report.add(
                    Finding(
                        .stateOrder, in: .checkpointOrData, .proof, certainty: 0.9,
                        detail: "The checkpoint takes the state as \(state.layout.parts.map(\.rawValue)), the data "
                            + "hold \(dataset.description.stateLayout.parts.map(\.rawValue)).",
                        remedy: "write the data's order into pipeline.json"))
            }
        }
        try examineGripperRange()
        let sick = report.findings.count > before
        return Check(
            "statistics", sick ? .sick : .sound,
            "largest differences of a range, in widths: \(details.joined(separator: ", "))")
    }

    private func certainty(_ distance: Double) -> Double { min(0.4 + 0.2 * distance, 0.85) }
    private func text(_ range: (Double, Double)) -> String {
        "\(Evidence.short(range.0)) to \(Evidence.short(range.1))"
    }
    private func name(_ dimension: Int) -> String {
        subject?.checkpoint.actionPipeline.space.dimensionNames[dimension] ?? "dimension \(dimension)"
    }

    private static func floors(_ part: StateLayout.Part) -> [Double] {
        let width: Double =
            switch part {
            case .endEffectorPosition: 0.05
            case .axisAngle, .jointPositions: 0.3
            case .fingerPositions: 0.02
            }
        return [Double](repeating: width, count: part.count)
    }

    private typealias Distance = (
        value: Double, dimension: Int, data: (Double, Double), trained: (Double, Double)
    )

    /// How far the data lie outside of the range of the statistics, or their mean from its mean, in widths of that range,
    /// at the worst dimension. A part of the data is narrower than all of them: that alone is no difference.
    ///
    /// - Parameter floors: Widths that count at least, so that numbers that hardly move do not decide.
    private static func distance(_ trained: ActionStatistics, _ data: ColumnStatistics, floors: [Double]) -> Distance? {
        guard let lower = trained.lowerQuantile ?? trained.minimum,
            let upper = trained.upperQuantile ?? trained.maximum, let low = data.quantile(0.01),
            let high = data.quantile(0.99), low.count == lower.count
        else { return nil }
        var worst: Distance?
        for d in 0..<min(low.count, floors.count) {
            let width = max(upper[d] - lower[d], floors[d])
            var value = max(lower[d] - low[d], high[d] - upper[d], 0) / width
            // far wider statistics, or others in the middle
            if let mean = trained.mean?[d] { value = max(value, abs(mean - data.mean[d]) / width) }
            if value > worst?.value ?? -1 { worst = (value, d, (low[d], high[d]), (lower[d], upper[d])) }
        }
        return worst
    }

    /// Whether the gripper's commands are what the data's description says.
    private mutating func examineGripperRange() throws {
        guard let dataset, let sample, let low = sample.actions.minimum.last, let high = sample.actions.maximum.last
        else { return }
        let convention = dataset.description.actionSpace.gripperConvention
        let expected: (Double, Double) = convention == .environment ? (-1, 1) : (0, 1)
        guard low < high else { return }
        let isOff = abs(low - expected.0) > 0.3 || abs(high - expected.1) > 0.3
        guard isOff else { return }
        report.add(
            Finding(
                .gripperRange, in: .data, .proof, certainty: 0.9,
                detail: "The gripper's commands lie in \(text((low, high))); the data say they are "
                    + "'\(convention.rawValue)', \(text(expected)).",
                evidence: [Evidence("lowest command", low, expected: expected.0)],
                remedy: "state the convention the numbers have (DatasetOptions.gripperConvention), or convert them"))
    }

    /// Whether the hand moves as the actions say, and when: needs nothing but the data.
    mutating func compareMotion() throws -> Check {
        guard let dataset, dataset.description.actionSpace.command == .endEffectorDelta,
            dataset.description.stateLayout.parts.first == .endEffectorPosition
        else { return Check("motion", .skipped, "the actions are no changes of the hand's pose") }
        let scale = dataset.description.actionSpace.translationScale
        let usable = dataset.episodes.indices.filter { dataset.episodes[$0].succeeded != false }
        let chosen = usable.enumerated().filter { $0.offset % max(usable.count / 24, 1) == 0 }.map(\.element)
        var motion = MotionFit()
        for index in chosen {
            let episode = try dataset.episode(index)
            // what was carried out, where that was recorded beside what is learnt
            let carried = try? episode.column("executed_action")
            motion.add(episode.states, actions: carried ?? episode.actions, scale: scale)
        }
        guard let fit = motion.fit() else { return Check("motion", .skipped, "too few frames") }
        let before = report.findings.count
        let shift = fit.shift
        let frames = "\(abs(shift)) frame\(abs(shift) == 1 ? "" : "s")"
        if shift != 0, fit.explained > 0.4 {
            report.add(
                Finding(
                    .labelShift, in: .data, .proof, certainty: 0.86,
                    detail:
                        "The hand moves \(frames) too \(shift > 0 ? "late" : "early") for its commands in these data.",
                    evidence: [
                        Evidence("frames from a command to the motion", fit.delay, expected: 0.5),
                        Evidence("share of the motion explained", fit.explained),
                    ],
                    remedy: "shift the actions by \(-shift) frames, or state the data's alignment "
                        + "(DatasetOptions.alignment)"))
        }
        if fit.explained > 0.3, fit.gain < 0.03 || fit.gain > 1.8 {
            report.add(
                Finding(
                    .actionScale, in: .data, .proof, certainty: 0.85,
                    detail: "The hand moves \(Evidence.short(fit.gain)) times what the commands say.",
                    evidence: [Evidence("motion per command", fit.gain, expected: 0.25)],
                    remedy: "record what the controller is told: ±1 for \(scale) m"))
        }
        for (axis, correlation) in zip(["x", "y", "z"], fit.correlations) where correlation < -0.4 {
            report.add(
                Finding(
                    .actionAxes, in: .data, .proof, certainty: 0.9,
                    detail: "The hand moves against its commands along \(axis).",
                    evidence: [Evidence("correlation of motion and command along \(axis)", correlation, expected: 0.9)],
                    remedy: "give translations along the axes of the robot's base; turn the sign of \(axis)"))
        }
        return Check(
            "motion", report.findings.count > before ? .sick : .sound,
            "the hand follows \(Evidence.short(fit.gain)) of a command, \(Evidence.short(fit.delay)) frames later, which "
                + "explains \(Evidence.short(100 * fit.explained)) % of its motion")
    }
}

/// How the hand's motion follows the commands: one gain for each axis and for all, at each of some lags.
struct MotionFit {
    private static let lags = Array(-4...4)
    private var products = [SIMD3<Double>](repeating: .zero, count: 9)
    private var squares = [SIMD3<Double>](repeating: .zero, count: 9)
    private var motions = SIMD3<Double>.zero
    private var count = 0

    /// - Parameter scale: Metres of a command of 1.
    mutating func add(_ states: NumberColumn, actions: NumberColumn, scale: Double) {
        let length = min(states.count, actions.count)
        guard length > 12 else { return }
        for frame in 4..<length - 5 {
            count += 1
            let way = SIMD3((0..<3).map { states[frame + 1, $0] - states[frame, $0] })
            motions += way * way
            for (place, lag) in Self.lags.enumerated() {
                let command = SIMD3((0..<3).map { actions[frame - lag, $0] * scale })
                products[place] += way * command
                squares[place] += command * command
            }
        }
    }

    struct Fit {
        /// Frames from a command to the middle of the motion; LIBERO's controller takes half a frame.
        var delay: Double
        /// Motion per command.
        var gain: Double
        /// Share of the motion's square.
        var explained: Double
        /// Of motion and command along each axis.
        var correlations: [Double]

        /// Whole frames by which the commands are moved; 0 for controllers that follow within a frame.
        var shift: Int { (-0.25...1.25).contains(delay) ? 0 : Int((delay - 0.5).rounded()) }
    }

    /// The lag that explains most; axes that go the other way count as well.
    func fit() -> Fit? {
        guard count > 50 else { return nil }
        let explained = Self.lags.indices.map { place -> Double in
            let size = squares[place].sum() * motions.sum()
            let product = (0..<3).reduce(0.0) { $0 + abs(products[place][$1]) }
            return size > 0 ? product * product / size : 0
        }
        let best = explained.indices.max { explained[$0] < explained[$1] }!
        // the vertex of the parabola through the best and its neighbours
        var delay = Double(Self.lags[best])
        if best > 0, best + 1 < explained.count {
            let (a, b, c) = (explained[best - 1], explained[best], explained[best + 1])
            let bend = a - 2 * b + c
            if bend < 0 { delay += 0.5 * (a - c) / bend }
        }
        let sum = squares[best].sum()
        return Fit(
            delay: delay, gain: sum > 0 ? (0..<3).reduce(0.0) { $0 + abs(products[best][$1]) } / sum : 0,
            explained: explained[best],
            correlations: (0..<3).map { d in
                let size = (squares[best][d] * motions[d]).squareRoot()
                return size > 0 ? products[best][d] / size : 0
            })
    }
}
