import TensorCore
import Testing

/// Other suites may compute at the same time: what is expected stands under a module name of its own.
@Suite(.serialized) struct ProfilerTests {
    @Test func costsOfAModuleCoverItsBackwardPassToo() throws {
        Profiler.start()
        let x = Tensor.ones([8, 16]).asLeaf()
        let w = Tensor.ones([4, 16]).asLeaf()
        let loss = Profiler.module("profiled") {
            Profiler.module("inner") { linear(x, weight: w).tanh() }.sum()
        }
        _ = gradients(of: loss, withRespectTo: [x, w])
        let report = Profiler.stop()

        func entry(_ name: String, _ phase: Profiler.Phase) throws -> Profiler.Entry {
            try #require(report.modules.first { $0.name == name && $0.phase == phase })
        }
        // one product of 8 × 16 × 4 forward, two backward
        #expect(try entry("profiled.inner", .forward).operations == 2 * 8 * 16 * 4)
        #expect(try entry("profiled.inner", .backward).operations == 2 * 2 * 8 * 16 * 4)
        #expect(try entry("profiled", .forward).operations == entry("profiled.inner", .forward).operations)
        #expect(try entry("profiled", .forward).bytes >= 8 * 8 * 4)
        // gradients of the product's result, its input and its weight
        #expect(try entry("profiled.inner", .backward).bytes >= 4 * (8 * 4 + 8 * 16 + 4 * 16))
        #expect(try entry("profiled.inner", .forward).shape == "[8, 4]")
        #expect(report.peakBytes > 0)
        #expect(report.seconds >= report.modules.map(\.seconds).max() ?? 0)
        #expect(report.table.contains("profiled.inner (backward)"))
    }

    @Test func nothingIsMeasuredWhenItIsOff() {
        Profiler.start()
        _ = Profiler.stop()
        _ = Profiler.module("unmeasured") { Tensor.ones([4]).exp() }
        #expect(!Profiler.report.modules.contains { $0.name == "unmeasured" })
    }
}
