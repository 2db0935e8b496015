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
}

/// Makes calls of HDF5 fail on purpose, so that tests see what every failure leaves behind.
enum FaultInjection {
  /// Calls until one fails; below zero, none does.
  static let callsLeft = Atomic<Int>(-1)

  static func isDue() -> Bool {
    if callsLeft.load(ordering: .relaxed) < 0 { return false }
    return callsLeft.subtract(1, ordering: .relaxed).oldValue == 0
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
