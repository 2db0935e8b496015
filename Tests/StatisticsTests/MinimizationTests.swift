import Testing

@testable import Statistics

@Suite struct MinimizationTests {
  struct Problem: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var start: [Double]
    var point: [Double]
    var value: Double
    var function: @Sendable ([Double]) -> Double
  }

  /// Functions whose minimum is known.
  static let problems = [
    Problem(testDescription: "a parabola", start: [5], point: [2], value: -1) {
      ($0[0] - 2) * ($0[0] - 2) - 1
    },
    Problem(
      testDescription: "a bowl", start: [4, -3, 2], point: [1, 2, 3], value: 7
    ) { x in
      let away = [x[0] - 1, x[1] - 2, x[2] - 3]
      return 7 + away[0] * away[0] + 2 * away[1] * away[1] + 3 * away[2] * away[2]
    },
    // Rosenbrock's valley (1960), from where he started.
    Problem(testDescription: "a curved valley", start: [-1.2, 1], point: [1, 1], value: 0) { x in
      let bend = x[1] - x[0] * x[0]
      return 100 * bend * bend + (1 - x[0]) * (1 - x[0])
    },
    // Kinks, as where another resource becomes the bottleneck.
    Problem(testDescription: "a kink", start: [3, 3], point: [1, -1], value: 0.5) {
      let away = ($0[0] - 1).magnitude
      return max(away, 2 * ($0[1] + 1).magnitude) + 0.5
    },
  ]

  @Test(arguments: problems)
  func knownMinimaAreFound(problem: Problem) throws {
    let minimum = try minimize(
      from: problem.start, step: 0.5, tolerance: 1e-7, problem.function)
    for (found, expected) in zip(minimum.point, problem.point) {
      #expect((found - expected).magnitude < 1e-5)
    }
    #expect((minimum.value - problem.value).magnitude < 1e-5)
    #expect(minimum.value == problem.function(minimum.point))
    #expect(minimum.iterationCount > 0)
  }

  @Test(arguments: problems)
  func theSameStartGivesTheSameMinimum(problem: Problem) throws {
    let first = try minimize(from: problem.start, step: 0.5, tolerance: 1e-7, problem.function)
    let second = try minimize(from: problem.start, step: 0.5, tolerance: 1e-7, problem.function)
    #expect(first == second)
  }

  @Test(arguments: problems)
  func theMinimumIsNotAboveTheStart(problem: Problem) throws {
    let minimum = try minimize(
      from: problem.start, step: 0.5, tolerance: 0.1, problem.function)
    #expect(minimum.value <= problem.function(problem.start))
  }

  /// Rounded to whole numbers a valley has plateaus, on which the simplex turns over and does not
  /// shrink: the search ends after 50 iterations without a smaller value.
  @Test func aPlateauEnds() throws {
    let minimum = try minimize(from: [40.3, 17.9], step: 0.1, tolerance: 1e-30) { x in
      ((x[0] * x[0] + x[1] * x[1]) / 10).rounded()
    }
    #expect(minimum.iterationCount < 500)
    #expect(minimum.value <= ((40.3 * 40.3 + 17.9 * 17.9) / 10).rounded())
  }

  /// The first iteration finds the value, and 50 more find none that is smaller.
  @Test func aConstantEndsAfter50IdleIterations() throws {
    let minimum = try minimize(from: [1, 2], step: 0.1, tolerance: 1e-300) { _ in 3 }
    #expect(minimum.value == 3)
    #expect(minimum.iterationCount == 51)
  }

  @Test func tooManyIterationsAreAnError() {
    let error = #expect(throws: StatisticsError.self) {
      try minimize(from: [-1.2, 1], step: 0.5, tolerance: 1e-7, maximumIterations: 3) { x in
        Self.problems[2].function(x)
      }
    }
    #expect(
      error?.description
        == "GSL gsl_multimin_fminimizer_iterate: no minimum after 3 iterations")
  }

  @Test func noVariableIsAnError() {
    #expect(throws: StatisticsError.noValues) {
      try minimize(from: [], step: 0.1, tolerance: 1e-3) { _ in 0 }
    }
  }

  @Test func aStartThatIsNotFiniteIsAnError() {
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) {
      try minimize(from: [0, .infinity], step: 0.1, tolerance: 1e-3) { _ in 0 }
    }
  }

  // MARK: Functions without a value

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func aFunctionWithoutAValueAtTheStartIsAnError(value: Double) {
    let error = #expect(throws: StatisticsError.self) {
      try minimize(from: [1, 2], step: 0.1, tolerance: 1e-3) { _ in value }
    }
    #expect(error?.description == "the function is \(value) at [1.0, 2.0]")
  }

  /// The minimum is at 2, and there is no value beyond 1: its edge is no minimum.
  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func theEdgeOfWhereThereAreValuesIsNoMinimum(value: Double) {
    let error = #expect(throws: StatisticsError.self) {
      try minimize(from: [0, 0], step: 0.1, tolerance: 1e-6) { x in
        x[0] > 1 ? value : (x[0] - 2) * (x[0] - 2) + x[1] * x[1]
      }
    }
    guard case .noFunctionValue(let point, let found)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(point[0] > 1)
    #expect(found.isNaN == value.isNaN)
    #expect(value.isNaN || found == value)
  }

  /// Whichever call it is, the last included: the function is not called again. The wide tolerance
  /// ends the search after one iteration, whose last call is of a point that GSL can do without.
  @Test(arguments: [(0.01, 30), (1_000, 4)])
  func theErrorOfAnyCallComesThroughAndEndsTheSearch(tolerance: Double, fewest: Int) throws {
    struct Refusal: Error, Equatable { var call: Int }
    var calls = 0
    func search(failing: Int?) throws {
      calls = 0
      _ = try minimize(from: [5, 0], step: 0.5, tolerance: tolerance) { x in
        calls += 1
        if calls == failing { throw Refusal(call: calls) }
        return (x[0] - 2) * (x[0] - 2) + x[1] * x[1]
      }
    }
    try search(failing: nil)
    let callCount = calls
    #expect(callCount > fewest)
    for call in 1...callCount {
      #expect(throws: Refusal(call: call)) { try search(failing: call) }
      #expect(calls == call)
    }
  }

  @Test func stepsThatAreNoneTrap() async {
    let step = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try minimize(from: [1], step: 0, tolerance: 1) { $0[0] }
    }
    expect(step, says: "a first step of 0.0")
    let endless = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try minimize(from: [1], step: .infinity, tolerance: 1) { $0[0] }
    }
    expect(endless, says: "a first step of inf")
    let tolerance = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = try minimize(from: [1], step: 1, tolerance: 0) { $0[0] }
    }
    expect(tolerance, says: "a tolerance of 0.0")
    let iterations = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = try minimize(from: [1], step: 1, tolerance: 1, maximumIterations: 0) { $0[0] }
    }
    expect(iterations, says: "0 iterations")
  }
}
