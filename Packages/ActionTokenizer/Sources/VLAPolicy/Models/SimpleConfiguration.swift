/// Settings of a model family that a recipe may leave out altogether.
public protocol SimpleSettings: Codable, Hashable, Sendable {
    /// All defaults.
    init()
}

/// A configuration for models of any sizes: nothing is to be checked but that the sizes are sizes.
public struct SimpleConfiguration<Settings: SimpleSettings>: PolicyModelConfiguration {
    public var sizes: PolicySizes
    public var settings: Settings

    public init(sizes: PolicySizes, settings: Settings = Settings()) {
        (self.sizes, self.settings) = (sizes, settings)
    }

    public static var defaultSettings: [Settings] { [Settings()] }
    public var leastParameterCount: Double { 0 }
    public func validate() throws { try sizes.validate() }
}
