import Foundation
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

/// `golden/models/{flow,ddim,rtc}*`: openpi's flow matching, diffusers' DDIM, LeRobot's real-time chunking.
@Suite struct FlowGoldenTests {
    static let tolerance = Tolerance(relative: 1e-4, absolute: 1e-5)
    static let flow = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("flow") }
    static let ddim = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("ddim") }
    static let rtc = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("rtc") }

    private struct FlowCase: Decodable {
        var min_period, max_period: Double
        var steps: Int
    }

    private static func velocity(_ x: Tensor, _ t: Float, _ w: Tensor) -> Tensor { matmul(x, w).tanh() - x * t }

    @Test(arguments: flow)
    func flowMatchingMatches(folder: URL) throws {
        let setting = try Golden.json(folder.appendingPathComponent("case.json"), as: FlowCase.self)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let (actions, noise) = (try io("actions"), try io("noise"))
        expectClose(
            FlowMatching.mixed(actions, noise: noise, times: try io("time").floats), try io("x_t"),
            within: .elementwise, "x_t")
        expectClose(FlowMatching.velocity(actions, noise: noise), try io("u_t"), within: .elementwise, "u_t")
        let embedding = try io("time_embedding")
        expectClose(
            FlowMatching.timeEmbedding(
                try io("times").floats, width: embedding.shape[1], minimumPeriod: setting.min_period,
                maximumPeriod: setting.max_period), embedding, within: Tolerance(relative: 1e-4, absolute: 2e-4),
            "time embedding")

        var states: [Tensor] = []
        let w = try io("W")
        _ = FlowMatching.integrate(from: noise, stepCount: setting.steps, visit: { states.append($0) }) {
            Self.velocity($0, $1, w)
        }
        expectClose(.stacked(states), try io("euler"), within: Self.tolerance, "Euler's steps")

        // query i sees key j when no later block, and both are valid
        let (flags, valid) = (try io("block_flags"), try io("pad_mask").integers)
        let count = flags.shape[1]
        let expected = try io("attention_mask").integers
        for row in 0..<flags.shape[0] {
            let mask = AttentionMask.blocks(openedBy: Array(flags.integers[row * count..<(row + 1) * count]))
            let bias = mask.bias(batch: 1, queries: count, keys: count).elements()
            for i in 0..<count {
                for j in 0..<count {
                    let sees = bias[i * count + j] == 0 && valid[row * count + i] != 0 && valid[row * count + j] != 0
                    #expect((expected[(row * count + i) * count + j] != 0) == sees)
                }
            }
        }
    }

    private struct DDIMCase: Decodable {
        var train_steps: Int
        var clip_sample: Bool
        var clip_range: Float
    }

    @Test(arguments: ddim)
    func diffusionMatches(folder: URL) throws {
        let setting = try Golden.json(folder.appendingPathComponent("case.json"), as: DDIMCase.self)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let schedule = DiffusionSchedule(
            stepCount: setting.train_steps, clipRange: setting.clip_sample ? setting.clip_range : nil)
        expectClose(Tensor(schedule.betas), try io("betas"), within: .reduction, "betas")
        expectClose(
            Tensor(schedule.signalShares), try io("alphas_cumprod"), within: .reduction, "alphas")
        expectClose(
            schedule.noised(try io("add.x0"), noise: try io("add.noise"), times: try io("add.t").integers),
            try io("add.out"), within: .reduction, "noised")
        for name in io.names where name.hasSuffix(".timesteps") {
            let count = try #require(Int(name.dropLast(".timesteps".count)))
            #expect(try schedule.times(count) == io(name).integers)
            let end = schedule.sample(from: try io("\(count).start"), count: count) { x, t in
                x * 0.3 + 0.01 * Float(t)
            }
            expectClose(end, try io("\(count).end"), within: Self.tolerance, "\(count) steps")
        }
    }

    private struct RTCCase: Decodable {
        var max_guidance_weight: Float
        var delay, execution_horizon: Int
    }

    @Test(arguments: rtc)
    func guidanceMatches(folder: URL) throws {
        let setting = try Golden.json(folder.appendingPathComponent("case.json"), as: RTCCase.self)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let w = try io("W")
        for name in io.names {
            let parts = name.split(separator: ".", maxSplits: 2).map(String.init)
            guard parts.count == 3, let schedule = ChunkGuidance.Schedule(rawValue: parts[1]) else { continue }
            let guidance = ChunkGuidance(schedule: schedule, maximumWeight: setting.max_guidance_weight)
            if parts[0] == "weights" {
                let numbers = parts[2].split(separator: "-").compactMap { Int($0) }
                let weights = guidance.weights(delay: numbers[0], horizon: numbers[1], count: numbers[2])
                expectClose(Tensor(weights), try io(name), within: .reduction, name)
            } else if let t = Float(parts[2]) {
                let (x, rest) = (try io("guided.\(parts[1]).x"), try io("guided.\(parts[1]).prev"))
                // the reference merges no more steps than are left
                let weights = guidance.weights(
                    delay: setting.delay, horizon: min(setting.execution_horizon, rest.shape[1]), count: x.shape[1])
                let guided = guidance.guided(
                    x, velocity: Self.velocity(x, t, w), t: t, rest: rest, weights: weights)
                expectClose(guided, try io(name), within: Self.tolerance, name)
            }
        }
    }
}
