import ModelArchitecture

/// Models of no shape in particular: a workload only names them.
func model(_ name: String) -> ModelArchitecture {
  ModelArchitecture(
    name: name, layerCount: 1, hiddenSize: 64, feedForwardSize: 64, attentionHeadCount: 1,
    keyValueHeadCount: 1, headSize: 64, vocabularySize: 64, tiesEmbedding: true)
}
