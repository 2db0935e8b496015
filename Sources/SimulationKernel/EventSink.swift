/// Somebody who is shown every event that a simulation takes: a recording, a trace, a check.
///
/// The loop over an `EventQueue` is its owner's, and so is the line that hands an event on. A loop
/// that is generic over its sink is compiled for each kind of sink, so one for `NoEventSink` is the
/// loop without that line.
public protocol EventSink {
  /// - Parameter event: the event that was taken, before anything is done about it.
  mutating func take(_ event: Event)
}

/// Nobody.
public struct NoEventSink: EventSink {
  @inlinable
  public init() {}

  @inlinable
  public mutating func take(_ event: Event) {}
}

/// Keeps every event, in the order in which they were taken.
public struct EventRecording: EventSink {
  public private(set) var events: [Event] = []

  public init() {}

  public mutating func take(_ event: Event) { events.append(event) }
}
