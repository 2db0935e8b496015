internal import CHDF5
import Synchronization

/// What went wrong inside HDF5, in its own innermost words.
struct HDF5Failure: Error {
  var reason: String
}

/// An HDF5 identifier that is given back when it goes out of scope.
struct HDF5Object: ~Copyable {
  let identifier: hid_t

  init(_ identifier: hid_t) { self.identifier = identifier }

  deinit { H5Idec_ref(identifier) }

  /// Gives the identifier back and says whether that went well: values that HDF5 holds back are
  /// written no sooner, so a full disk can show here first.
  consuming func close(_ what: String) throws(HDF5Failure) {
    let identifier = identifier
    discard self
    silence()
    let status = H5Idec_ref(identifier)
    if FaultInjection.isDue() { throw HDF5Failure(reason: "\(what): injected fault") }
    guard status >= 0 else { throw failure(what) }
  }
}

/// Makes a call of HDF5 or of the system fail on purpose, so that tests see what every failure
/// leaves behind.
///
/// It holds for one task and those below it; what else the process writes meanwhile is left alone.
final class FaultInjection: Sendable {
  @TaskLocal static var current: FaultInjection?

  private let callsLeft: Atomic<Int>

  /// - Parameter calls: how many go well before one fails.
  init(after calls: Int) { callsLeft = Atomic(calls) }

  /// Whether the call that was to fail was reached.
  var hasHappened: Bool { callsLeft.load(ordering: .relaxed) < 0 }

  static func isDue() -> Bool {
    guard let current else { return false }
    return current.callsLeft.subtract(1, ordering: .relaxed).oldValue == 0
  }
}

/// Runs an HDF5 call that gives an identifier, and takes hold of it.
func open(_ what: String, _ call: () -> hid_t) throws(HDF5Failure) -> HDF5Object {
  silence()
  if FaultInjection.isDue() { throw HDF5Failure(reason: "\(what): injected fault") }
  let identifier = call()
  guard identifier >= 0 else { throw failure(what) }
  return HDF5Object(identifier)
}

/// Runs an HDF5 call that gives a status.
func check(_ what: String, _ call: () -> herr_t) throws(HDF5Failure) {
  silence()
  if FaultInjection.isDue() { throw HDF5Failure(reason: "\(what): injected fault") }
  guard call() >= 0 else { throw failure(what) }
}

/// HDF5 prints errors of its own accord unless told not to, in every thread anew.
private func silence() {
  H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
}

/// The innermost entry of HDF5's error stack; outer ones repeat less and carry the time of day.
private func failure(_ what: String) -> HDF5Failure {
  final class Box {
    var text: String?
  }
  let box = Box()
  let stack = H5Eget_current_stack()
  defer { H5Eclose_stack(stack) }
  H5Ewalk2(
    stack, H5E_WALK_UPWARD,
    { depth, entry, data in
      guard depth == 0, let text = entry?.pointee.desc, let data else { return 0 }
      Unmanaged<Box>.fromOpaque(data).takeUnretainedValue().text = String(cString: text)
      return 0
    }, Unmanaged.passUnretained(box).toOpaque())
  return HDF5Failure(reason: "\(what): \(box.text ?? "no reason given")")
}
