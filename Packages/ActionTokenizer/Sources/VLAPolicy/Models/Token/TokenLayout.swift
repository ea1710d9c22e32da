/// Where the parts of a sequence stand.
///
///     [bos] [camera 1: N rows] … [camera C] [state?] [text: n ids] [actions] [eos]        images first
///     [bos] [text: n ids] [camera 1: N rows] … [camera C] [state?] [actions] [eos]        instruction first
///
/// With the instruction first, its keys and values do not depend on what the cameras see and can be kept.
public struct TokenLayout: Hashable, Codable, Sendable {
    public enum Order: String, Codable, CaseIterable, Sendable {
        case imagesFirst, instructionFirst
    }

    public var order: Order
    /// Rows of all cameras, C · N.
    public var imageRowCount: Int
    public var hasState: Bool
    /// Tokens of all actions of a chunk; at most, where chunks differ.
    public var actionTokenCount: Int

    public init(order: Order, imageRowCount: Int, hasState: Bool, actionTokenCount: Int) {
        self.order = order
        self.imageRowCount = imageRowCount
        self.hasState = hasState
        self.actionTokenCount = actionTokenCount
    }

    private var stateCount: Int { hasState ? 1 : 0 }

    /// The first row of the images.
    public func images(textCount: Int) -> Range<Int> {
        let first = 1 + (order == .imagesFirst ? 0 : textCount)
        return first..<first + imageRowCount
    }

    /// The row of the state; nil without one.
    public func state(textCount: Int) -> Int? { hasState ? images(textCount: textCount).upperBound : nil }

    public func text(textCount: Int) -> Range<Int> {
        let first = order == .imagesFirst ? 1 + imageRowCount + stateCount : 1
        return first..<first + textCount
    }

    /// The first action's row, P: the length of everything before. Rows P − 1… predict the actions.
    public func prefixCount(textCount: Int) -> Int { 1 + imageRowCount + stateCount + textCount }

    public func actions(textCount: Int) -> Range<Int> {
        let first = prefixCount(textCount: textCount)
        return first..<first + actionTokenCount
    }

    /// With actions and eos.
    public func length(textCount: Int) -> Int { prefixCount(textCount: textCount) + actionTokenCount + 1 }
}
