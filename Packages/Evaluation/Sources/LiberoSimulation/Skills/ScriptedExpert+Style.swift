extension ScriptedExpert {
    /// What varies from episode to episode.
    public struct Style: Equatable, Sendable {
        /// Of the largest motion in one step.
        public var speed = 1.0
        /// The standard deviation of the noise in executed motions.
        public var noise = 0.0
        /// The probability that a push begins in a step.
        public var pushProbability = 0.0
        /// Added to the height above obstacles, metres.
        public var extraHeight = 0.0
        /// Added to where the object is held across the fingers, metres.
        public var graspShift = 0.0

        /// Calm: full speed, no noise.
        public init() {}

        /// A style drawn for an episode whose demonstrations shall vary.
        public static func random(using generator: inout some RandomNumberGenerator) -> Style {
            var style = Style()
            style.speed = .random(in: 0.7...1, using: &generator)
            style.noise = .random(in: 0...0.25, using: &generator)
            style.pushProbability = 0.04
            style.extraHeight = .random(in: 0...0.04, using: &generator)
            style.graspShift = .random(in: -0.004...0.004, using: &generator)
            return style
        }
    }
}
