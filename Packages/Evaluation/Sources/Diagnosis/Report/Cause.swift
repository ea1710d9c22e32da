/// A reason for a policy's failure that the doctor can name.
public enum Cause: String, CaseIterable, Codable, Sendable {
    // the files
    case checkpointUnreadable, dataUnreadable, tokenizer, weightsMissing, weightsNotFinite
    // the weights
    case weightsUntrained, weightsPartlyUntrained, weightsZero, weightsImplausible
    case rotaryOrder, weightsTransposed, weightsChanged
    // images
    case rowsReversed, columnsReversed, turned, channelsExchanged, camerasExchanged, oneCameraTurned
    case sourceSize, resampler, crop, codec, colorScale, imageStep, imageDelay, blankImages, renderProfile
    // the state
    case quaternionOrder, rotationFormat, stateOrder, stateStatistics, stateOffset, stateUnits, fingers, stateDelay
    // words
    case template, wordIDs, instruction
    // actions
    case gripperSign, gripperRange, actionStatistics, actionScale, actionAxes, labelShift, actionTokens
    case frameRate, actionSpace
    // what the training made
    case standsStill, constantAction, saturated, ignoresImages, ignoresInstruction, ignoresState
    case overfitted, lossMask, wordsForActions, freezes, neverReaches
    // how it is run
    case cachedDecoding, staleObservation, otherInference, tooFewEpisodes
    // something is wrong, and none of the above explains it
    case unexplained

    /// The cause as a short sentence.
    public var title: String {
        switch self {
        case .checkpointUnreadable: "the checkpoint cannot be read"
        case .dataUnreadable: "the data cannot be read"
        case .tokenizer: "the tokenizer is not the one of the training"
        case .weightsMissing: "the weights do not fit the model"
        case .weightsNotFinite: "weights are not numbers"
        case .weightsUntrained: "nothing was loaded: the weights are those of a fresh model"
        case .weightsPartlyUntrained: "a part of the weights was not loaded"
        case .weightsZero: "a tensor is zero"
        case .weightsImplausible: "weights are of an implausible size"
        case .rotaryOrder: "the rows of queries and keys are in the order of another rotation"
        case .weightsTransposed: "a matrix is transposed"
        case .weightsChanged: "the weights are not those the training wrote"
        case .rowsReversed: "images are upside down: only the rows are reversed"
        case .columnsReversed: "images are mirrored: the columns are reversed"
        case .turned: "images are turned by 180°"
        case .channelsExchanged: "red and blue are exchanged"
        case .camerasExchanged: "the cameras are exchanged"
        case .oneCameraTurned: "the images of one camera are turned"
        case .sourceSize: "images come from another size"
        case .resampler: "images are resized in another way"
        case .crop: "images are cropped otherwise"
        case .codec: "images went through a codec, or did not"
        case .colorScale: "the numbers of the colours are scaled otherwise"
        case .imageStep: "a step of the images' preparation is too much or missing"
        case .imageDelay: "images and actions are not of the same moment"
        case .blankImages: "the images show nothing"
        case .renderProfile: "images are drawn in another way"
        case .quaternionOrder: "the quaternion's order: w is taken first where it stands last, or the reverse"
        case .rotationFormat: "the orientation is given in another format"
        case .stateOrder: "the parts of the state are in another order"
        case .stateStatistics: "the state is normalized with other statistics"
        case .stateOffset: "the state's position is in another frame"
        case .stateUnits: "the state is in other units"
        case .fingers: "the fingers' positions have other signs or places"
        case .stateDelay: "state and actions are not of the same moment"
        case .template: "the prompt is made with another template"
        case .wordIDs: "words have other ids than in the training"
        case .instruction: "instructions belong to other tasks"
        case .gripperSign: "the gripper's sign is reversed"
        case .gripperRange: "the gripper's numbers are in another range"
        case .actionStatistics: "actions are normalized with other statistics"
        case .actionScale: "actions are in other units"
        case .actionAxes: "axes of the actions are exchanged or reversed"
        case .labelShift: "actions are shifted in time"
        case .actionTokens: "action tokens stand for other values"
        case .frameRate: "the data run at another rate"
        case .actionSpace: "actions mean something else"
        case .standsStill: "the policy stands still"
        case .constantAction: "the policy does the same whatever it sees"
        case .saturated: "the actions lie at the ends of their range"
        case .ignoresImages: "the policy does not look"
        case .ignoresInstruction: "the policy does not listen"
        case .ignoresState: "the policy does not feel its state"
        case .overfitted: "the checkpoint is from after the best validation"
        case .lossMask: "the loss is masked by the tokens' value, not their place"
        case .wordsForActions: "the likeliest token is a word where an action should be"
        case .freezes: "the policy freezes: it stands still though there is time"
        case .neverReaches: "the hand never comes near what it has to move"
        case .cachedDecoding: "cached decoding writes other tokens than uncached"
        case .staleObservation: "the policy is run on an observation of before"
        case .otherInference: "the policy is run in another way than it was trained"
        case .tooFewEpisodes: "too few episodes to claim a success rate"
        case .unexplained: "the policy disagrees with its data, and no known mistake explains it"
        }
    }
}

/// Where the cause lies.
public enum Place: String, CaseIterable, Codable, Sendable {
    case checkpoint, data, world, training, inference, evaluation
    /// The checkpoint's preparation or the data; the two alone do not show which of them is wrong.
    case checkpointOrData
}
