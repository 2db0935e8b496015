internal import CGSL

/// Where a function of a few variables is least.
public struct Minimum: Hashable, Sendable {
  public var point: [Double]
  public var value: Double
  public var iterationCount: Int
}

/// Finds a minimum by Nelder and Mead's simplex method, which takes no derivatives: what a
/// simulation returns has kinks where another resource becomes the bottleneck, and a method that
/// trusts slopes stops there.
///
/// Deterministic: the same start and the same function give the same minimum. It is a local one.
/// - Parameters:
///   - step: the first simplex's size along each variable.
///   - tolerance: the simplex's size at which it ends; it also ends after 50 iterations without
///     a smaller value.
///   - function: the value at a point; finite.
/// - Precondition: `step`, `tolerance` and `maximumIterations` are above zero, and `step` finite.
/// - Throws: what `function` throws, or `StatisticsError`: no variable, a start or a value that is
///   not finite, GSL's reason, or too many iterations.
public func minimize(
  from start: [Double], step: Double, tolerance: Double, maximumIterations: Int = 500,
  _ function: ([Double]) throws -> Double
) throws -> Minimum {
  precondition(step > 0 && step.isFinite, "a first step of \(step)")
  precondition(tolerance > 0, "a tolerance of \(tolerance)")
  precondition(maximumIterations > 0, "\(maximumIterations) iterations")
  guard !start.isEmpty else { throw StatisticsError.noValues }
  for (index, value) in start.enumerated() where !value.isFinite {
    throw StatisticsError.notFinite(index: index, value: value)
  }
  return try withoutActuallyEscaping(function) { function in
    let objective = Objective(function)
    do {
      return try run(
        objective, from: start, step: step, tolerance: tolerance,
        maximumIterations: maximumIterations)
    } catch {
      // The reason comes before what GSL made of it.
      throw objective.failure ?? error
    }
  }
}

/// What GSL's callback needs: C functions carry no context but a pointer.
private final class Objective {
  private let function: ([Double]) throws -> Double
  /// Why the function had no value. From then on it is not called any more.
  private(set) var failure: (any Error)?

  init(_ function: @escaping ([Double]) throws -> Double) { self.function = function }

  /// The function's value, or NaN when it has none at this point or had none at one before.
  func value(at point: [Double]) -> Double {
    guard failure == nil else { return .nan }
    do {
      let value = try function(point)
      if value.isFinite { return value }
      failure = StatisticsError.noFunctionValue(point: point, value: value)
    } catch {
      failure = error
    }
    return .nan
  }

  /// GSL takes a point without a value for a bad one and goes on: what it would find is the edge
  /// of where there are values.
  func check() throws {
    if let failure { throw failure }
  }
}

private func run(
  _ objective: Objective, from start: [Double], step: Double, tolerance: Double,
  maximumIterations: Int
) throws -> Minimum {
  let context = Unmanaged.passRetained(objective)
  defer { context.release() }
  var function = gsl_multimin_function()
  function.f = { x, data in
    guard let x, let data else { return .nan }
    return Unmanaged<Objective>.fromOpaque(data).takeUnretainedValue().value(at: elements(of: x))
  }
  function.n = start.count
  function.params = context.toOpaque()

  let point = try vector(start)
  defer { gsl_vector_free(point) }
  let steps = try vector(start.map { _ in step })
  defer { gsl_vector_free(steps) }
  let minimizer = try GSL.make("gsl_multimin_fminimizer_alloc") {
    gsl_multimin_fminimizer_alloc(cgsl_simplex(), start.count)
  }
  defer { gsl_multimin_fminimizer_free(minimizer) }
  try GSL.check("gsl_multimin_fminimizer_set") {
    gsl_multimin_fminimizer_set(minimizer, &function, point, steps)
  }
  var best = Double.infinity
  var idleIterations = 0
  for iteration in 1...maximumIterations {
    try GSL.check("gsl_multimin_fminimizer_iterate") {
      gsl_multimin_fminimizer_iterate(minimizer)
    }
    try objective.check()
    let value = gsl_multimin_fminimizer_minimum(minimizer)
    idleIterations = value < best ? 0 : idleIterations + 1
    best = min(best, value)
    // On a plateau, which rounding makes, the simplex turns over for ever without shrinking.
    if gsl_multimin_fminimizer_size(minimizer) < tolerance || idleIterations == 50 {
      return Minimum(
        point: elements(of: gsl_multimin_fminimizer_x(minimizer)),
        value: value, iterationCount: iteration)
    }
  }
  throw StatisticsError.gsl(
    function: "gsl_multimin_fminimizer_iterate",
    reason: "no minimum after \(maximumIterations) iterations")
}

private func vector(
  _ values: [Double]
) throws(StatisticsError) -> UnsafeMutablePointer<gsl_vector> {
  let vector = try GSL.make("gsl_vector_alloc") { gsl_vector_alloc(values.count) }
  for (index, value) in values.enumerated() { gsl_vector_set(vector, index, value) }
  return vector
}

private func elements(of vector: UnsafePointer<gsl_vector>) -> [Double] {
  (0..<vector.pointee.size).map { gsl_vector_get(vector, $0) }
}
