import Foundation
import TensorCore

/// The learning rate of every step of a training run.
///
/// The first update has the step ``firstStep``: 1 for ``miniMind26(base:stepCount:)``, 0 for all others. Past its last
/// step a schedule keeps its last rate. Rates are computed in `Double`.
public enum LearningRateSchedule: Hashable, Codable, Sendable {
    /// b at every step.
    case constant(Double)

    /// MiniMind of July: `b/10 + ½ b (1 + cos(π t/n))`, t from 0; starts at 1.1 b, ends at 0.1 b.
    case miniMind07(base: Double, stepCount: Int)

    /// MiniMind of 2026: `b (0.1 + 0.45 (1 + cos(π t/n)))`, t from 1; falls from b to 0.1 b.
    case miniMind26(base: Double, stepCount: Int)

    /// openpi: linearly from p/(w + 1) to p over w steps, then a cosine over the remaining n − w steps to a floor.
    ///
    ///     t < w:  p/(w+1) + (p − p/(w+1)) t/w
    ///     else:   f + ½ (p − f)(1 + cos(π (t − w)/(n − w)))
    case warmUpThenCosine(peak: Double, floor: Double, warmUpStepCount: Int, stepCount: Int)

    /// LeRobot (SmolVLA): the same warm-up, then a cosine of the absolute step, which jumps down a little there.
    ///
    ///     t < w:  p/(w+1) + (p − p/(w+1)) t/w
    ///     else:   f + ½ (p − f)(1 + cos(π t/n))
    case warmUpWithinCosine(peak: Double, floor: Double, warmUpStepCount: Int, stepCount: Int)

    /// OpenVLA-OFT: b, and b · `factor` from step `boundary` on; over the first w steps times `0.1 + 0.9 (t + 1)/w`.
    case stepDecay(base: Double, factor: Double, boundary: Int, warmUpStepCount: Int)

    /// The step of the first update.
    public var firstStep: Int {
        if case .miniMind26 = self { 1 } else { 0 }
    }

    /// The rate of the update that comes after `count` others.
    public func rate(afterUpdates count: Int) -> Double { rate(at: firstStep + count) }

    /// The rate at step `step`, the t of the formulas.
    public func rate(at step: Int) -> Double {
        require(step >= 0, "learning rate of step \(step)")
        let t = Double(step)
        switch self {
        case .constant(let base):
            return base

        case .miniMind07(let base, let stepCount):
            return base / 10 + 0.5 * base * (1 + cos(.pi * Self.share(t, of: stepCount)))

        case .miniMind26(let base, let stepCount):
            return base * (0.1 + 0.45 * (1 + cos(.pi * Self.share(t, of: stepCount))))

        case .warmUpThenCosine(let peak, let floor, let warmUp, let stepCount):
            if step < warmUp { return Self.warmUp(to: peak, t, of: warmUp) }
            let share = Self.share(t - Double(warmUp), of: stepCount - warmUp)
            return floor + 0.5 * (peak - floor) * (1 + cos(.pi * share))

        case .warmUpWithinCosine(let peak, let floor, let warmUp, let stepCount):
            if step < warmUp { return Self.warmUp(to: peak, t, of: warmUp) }
            return floor + 0.5 * (peak - floor) * (1 + cos(.pi * Self.share(t, of: stepCount)))

        case .stepDecay(let base, let factor, let boundary, let warmUp):
            let decayed = step >= boundary ? base * factor : base
            return step < warmUp ? decayed * (0.1 + 0.9 * (t + 1) / Double(warmUp)) : decayed
        }
    }

    /// t / n, at most 1; 1 when there are no steps.
    private static func share(_ t: Double, of count: Int) -> Double { count > 0 ? min(t / Double(count), 1) : 1 }

    private static func warmUp(to peak: Double, _ t: Double, of count: Int) -> Double {
        let start = peak / Double(count + 1)
        return start + (peak - start) * t / Double(count)
    }
}

extension LearningRateSchedule {
    /// openpi's defaults: 1000 steps of warm-up to 2.5e-5, 2.5e-6 from step 30 000 on.
    public static let openpi = warmUpThenCosine(
        peak: 2.5e-5, floor: 2.5e-6, warmUpStepCount: 1000, stepCount: 30_000)

    /// SmolVLA's defaults: 1000 steps of warm-up to 1e-4, 2.5e-6 from step 30 000 on.
    public static let smolVLA = warmUpWithinCosine(
        peak: 1e-4, floor: 2.5e-6, warmUpStepCount: 1000, stepCount: 30_000)

    /// OpenVLA-OFT's defaults: 5e-4, a tenth of it after 100 000 steps, no warm-up.
    public static let openVLAOFT = stepDecay(base: 5e-4, factor: 0.1, boundary: 100_000, warmUpStepCount: 0)
}
