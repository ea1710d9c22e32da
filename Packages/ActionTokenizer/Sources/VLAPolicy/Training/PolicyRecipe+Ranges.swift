public import FileSupport

extension PolicyRecipe: CheckedSettings {
    /// The ranges of all settings but those of the model, which its configuration compares with each other.
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.require(
            "name", !name.isEmpty && name.utf8.count <= 200, found: "\(name.utf8.count) bytes", allowed: "1 to 200")
        try check.require(
            "cameras", Set(cameras.map(\.name)).count == cameras.count && cameras.count <= 16,
            found: "\(cameras.map(\.name.rawValue))", allowed: "16 different cameras")
        try check.check("prompt", prompt)
        try check.check("action", action)
        try check.check("data", data)
        try check.check("training", training)
    }
}

extension PolicyRecipe.Prompt: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("maximumTokenCount", maximumTokenCount, in: 1...65_536)
        try check.require(
            "template", template.utf8.count <= 65_536, found: "\(template.utf8.count) bytes", allowed: "65536")
    }
}

extension PolicyRecipe.Action: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("horizon", horizon, in: 1...4096)
        try check.check("tokens", tokens)
    }
}

extension ActionTokenRecipe: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("binCount", binCount, in: 2...65_536)
    }
}

extension PolicyRecipe.Data: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("frameStride", frameStride, in: 1...1_000_000)
        try check.check("split.validationShare", split.validationShare, in: 0...0.999)
        try check.check("noOpThreshold", noOpThreshold, in: 0...1_000_000)
        try check.check("demonstrationLimit", demonstrationLimit, in: 1...Int.max)
        try check.check("sampling", sampling)
        for (task, weight) in taskWeights.sorted(by: { $0.key < $1.key }) {
            try check.check("taskWeights.\(task)", weight, in: 0...1_000_000)
        }
    }
}

extension SamplingWeights: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        var weights: [(name: String, value: Double)] = []
        switch self {
        case .uniformOverDemonstrations, .uniformOverTasks: return
        case .byTaskLength(let exponent):
            return try check.check("byTaskLength", exponent, in: -100...100)
        case .perTask(let table): weights = table.map { ("perTask.\($0)", $1) }
        case .perSuite(let table): weights = table.map { ("perSuite.\($0)", $1) }
        case .perDemonstration(let table): weights = table.map { ("perDemonstration.\($0)", $1) }
        }
        for (name, weight) in weights.sorted(by: { $0.name < $1.name }) {
            try check.check(name, weight, in: 0...1_000_000)
        }
        try check.require(
            "", weights.contains { $0.value > 0 }, found: "no weight above 0", allowed: "at least one")
    }
}

extension PolicyTrainingSettings: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("stepCount", stepCount, in: 1...1_000_000_000)
        try check.check("epochCount", epochCount, in: 1...1_000_000)
        try check.check("batchSize", batchSize, in: 1...1 << 20)
        try check.check("shardCount", shardCount, in: 1...4096)
        try check.check("accumulationCount", accumulationCount, in: 1...65_536)
        try check.require(
            "batchSize", batchSize >= shardCount, found: "\(batchSize) examples in \(shardCount) shards",
            allowed: "at least one example a shard")
        try check.check("learningRate", learningRate, above: 0, upTo: 100)
        try check.check("warmUpStepCount", warmUpStepCount, in: 0...1_000_000_000)
        try check.check("finalRateShare", finalRateShare, in: 0...1)
        try check.check("weightDecay", weightDecay, in: 0...100)
        try check.check("clipNorm", clipNorm, above: 0, upTo: .greatestFiniteMagnitude)
        try check.require(
            "averageDecay", averageDecay >= 0 && averageDecay < 1, found: "\(averageDecay)", allowed: "0 to below 1")
        try check.check("adapters", adapters)
        try check.check("jitter.shift", jitter?.shift, in: 0...4096)
        try check.check("stepsPerValidation", stepsPerValidation, in: 1...1_000_000_000)
        try check.check("validationLimit", validationLimit, in: 1...Int.max)
        try check.check("patience", patience, in: 1...1_000_000_000)
        try check.check("stepsPerState", stepsPerState, in: 1...1_000_000_000)
        try check.check("minutesPerState", minutesPerState, above: 0, upTo: 1_000_000)
    }
}

extension PolicyTrainingSettings.Adapters: CheckedSettings {
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("rank", rank, in: 1...4096)
        try check.check("scale", scale, in: -1000...1000)
        try check.check("standardDeviation", standardDeviation, in: 0...10)
    }
}
