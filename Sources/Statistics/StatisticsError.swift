internal import CGSL
internal import CGSLErrors
import Glibc

/// Values that a statistic cannot be computed from.
public enum StatisticsError: Error, Hashable, Sendable, CustomStringConvertible {
  case noValues
  case unequalCounts(Int, Int)
  /// A ratio needs two positive, finite values.
  case notPositive(index: Int, value: Double)
  case notFinite(index: Int, value: Double)
  case missingSections
  /// A function to be minimized has no finite value at a point.
  case noFunctionValue(point: [Double], value: Double)
  /// GSL refused, in its own words.
  case gsl(function: String, reason: String)

  public var description: String {
    switch self {
    case .noValues: "there are no values"
    case .unequalCounts(let a, let b): "\(a) values are compared with \(b)"
    case .notPositive(let index, let value):
      "value \(index + 1) is \(value); a ratio needs values above zero"
    case .notFinite(let index, let value): "value \(index + 1) is \(value)"
    case .missingSections: "a mean of section means needs the section of every value"
    case .noFunctionValue(let point, let value): "the function is \(value) at \(point)"
    case .gsl(let function, let reason): "GSL \(function): \(reason)"
    }
  }
}

/// GSL with its errors turned into Swift's.
enum GSL {
  private static let installed: Void = cgsl_errors_install()

  /// Runs a call of GSL that reports by its status.
  static func check(_ function: String, _ call: () -> CInt) throws(StatisticsError) {
    let status = value(call)
    guard status == CInt(GSL_SUCCESS) else { throw error(function, status: status) }
  }

  /// Runs a call of GSL that gives an object, or nil when it failed.
  static func make<Object>(
    _ function: String, _ call: () -> Object?
  ) throws(StatisticsError) -> Object {
    guard let object = value(call) else { throw error(function, status: CInt(GSL_FAILURE)) }
    return object
  }

  /// Runs a call of GSL that gives a number, which is not finite where it failed.
  static func number(
    _ function: String, _ call: () -> Double
  ) throws(StatisticsError) -> Double {
    let result = value(call)
    if cgsl_errors_reason() != nil || !result.isFinite {
      throw error(function, status: CInt(GSL_EDOM))
    }
    return result
  }

  private static func value<Result>(_ call: () -> Result) -> Result {
    _ = installed
    cgsl_errors_clear()
    return call()
  }

  private static func error(_ function: String, status: CInt) -> StatisticsError {
    .gsl(
      function: function,
      reason: String(cString: cgsl_errors_reason() ?? gsl_strerror(status)))
  }
}

/// The natural logarithm; for statistics, never for simulated time.
public func naturalLogarithm(_ number: Double) -> Double { log(number) }

/// The exponential; for statistics, never for simulated time.
public func exponential(_ number: Double) -> Double { exp(number) }
