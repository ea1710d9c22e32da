/// As JSON with the checkpoint's path; without the findings.
extension PolicyTrainingResult: Encodable {
    private enum CodingKeys: String, CodingKey {
        case checkpoint, contentHash, step, lastStep, metrics, wasInterrupted
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(checkpoint.path, forKey: .checkpoint)
        try container.encode(contentHash, forKey: .contentHash)
        try container.encode(step, forKey: .step)
        try container.encode(lastStep, forKey: .lastStep)
        try container.encode(metrics, forKey: .metrics)
        try container.encode(wasInterrupted, forKey: .wasInterrupted)
    }
}
