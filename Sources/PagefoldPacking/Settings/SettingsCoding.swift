// The keys of the settings in JSON, as `pagefold add --json` and checkpoints have them. Names in job files are
// SettingKeys's.

extension PackingSettings {
    enum CodingKeys: String, CodingKey {
        case budget = "budget", page = "page", pool = "pool", format = "format"
        case exclusiveFormat = "exclusiveFormat", tailFormat = "tailFormat", pageBiases = "pageBiases"
        case fisherSamples = "fisherSamples", fisher = "fisher", fisherNormalisation = "fisherNormalisation"
        case fisherRange = "fisherRange", channelScales = "channelScales", matching = "matching"
        case keepsNetworksApart = "keepsNetworksApart", separation = "separation"
        case evaluateEvery = "evaluateEvery", validationSamples = "validationSamples", training = "training"
    }
}

extension PoolSize {
    enum CodingKeys: String, CodingKey {
        case budget = "budget", largestNetwork = "largestNetwork", frames = "frames"
    }
}

extension SeparationSettings {
    enum CodingKeys: String, CodingKey {
        case method = "method", exclusive = "exclusive", patchSize = "block", alpha = "alpha"
        case targetAccuracy = "targetAccuracy", targetPerformance = "targetPerformance", margin = "margin"
    }
}

extension TrainingSettings {
    enum CodingKeys: String, CodingKey {
        case steps = "steps", batch = "batch", learningRate = "learningRate", schedule = "schedule"
        case warmUp = "warmUp", optimisation = "optimisation", turn = "turn", matchingLoss = "matchingLoss"
        case lambda = "lambda", labelWeight = "labelWeight", temperature = "temperature", beta1 = "beta1"
        case beta2 = "beta2", epsilon = "epsilon", balance = "balance", selection = "selection", seed = "seed"
    }
}
