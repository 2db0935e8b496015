import ModelArchitecture

/// A request for text, as it reaches the serving process.
public struct Request: Hashable, Sendable {
  public var model: ModelArchitecture
  public var promptTokenCount: Int
  public var outputTokenCount: Int
  /// The first tokens of the prompt, if other requests to the same model begin with them, too.
  public var prefix: SharedPrefix?
  /// The run of a workflow, or the conversation, that it is part of; a design may see which requests
  /// belong together, and not what comes next.
  public var session: Int?

  public init(
    model: ModelArchitecture, promptTokenCount: Int, outputTokenCount: Int,
    prefix: SharedPrefix? = nil, session: Int? = nil
  ) {
    precondition(promptTokenCount > 0 && outputTokenCount > 0, "a request without tokens")
    precondition(
      (prefix?.tokenCount ?? 0) < promptTokenCount, "a prompt without a token of its own")
    self.model = model
    self.promptTokenCount = promptTokenCount
    self.outputTokenCount = outputTokenCount
    self.prefix = prefix
    self.session = session
  }
}

/// Tokens that prompts to one model begin with: a system prompt, a tool's description, a conversation
/// so far. Whoever keeps their keys and values need not compute them again.
public struct SharedPrefix: Hashable, Sendable {
  /// Prompts to one model whose prefixes have the same name begin alike, as far as the shorter of
  /// them goes.
  public var name: String
  /// At least 1, and fewer than the prompt has: the last token must be computed.
  public var tokenCount: Int
  /// Whether the whole request, prompt and output, is what the next one of that name begins with, as
  /// in a conversation.
  public var grows: Bool

  public init(name: String, tokenCount: Int, grows: Bool = false) {
    precondition(tokenCount > 0, "a prefix without tokens")
    self.name = name
    self.tokenCount = tokenCount
    self.grows = grows
  }
}
