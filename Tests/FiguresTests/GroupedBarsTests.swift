import Figures
import Testing

struct GroupedBarsTests {
  private let bars = GroupedBars(
    series: ["a", "b"],
    panels: [
      .init(
        name: "small",
        groups: [
          (
            "64",
            [
              .init(predicted: 1.5, reported: 2, reportedError: 0.25),
              .init(predicted: 3, reported: nil, reportedError: nil),
            ]
          )
        ]),
      .init(
        name: "large",
        groups: [
          (
            "64",
            [
              .init(predicted: 10, reported: nil, reportedError: nil),
              .init(predicted: 0.1, reported: 0.2, reportedError: 0.01),
            ]
          )
        ]),
    ])

  @Test func panelsAreBlocksThatGnuplotCanIndex() {
    #expect(
      bars.text == """
        # panel\tgroup\ta\ta_reported\ta_reported_error\tb\tb_reported\tb_reported_error
        small\t64\t1.5\t2.0\t0.25\t3.0\tNaN\tNaN


        large\t64\t10.0\tNaN\tNaN\t0.1\t0.2\t0.01

        """)
  }

  @Test func aTemplateThatFailsIsNamedWithGnuplotsReason() throws {
    let gnuplot = Gnuplot(template: "no-such-template.gp", data: "none", variables: [])
    #expect {
      try gnuplot.draw("never.png")
    } throws: { error in
      guard case .failed(let template, let message) = error as? FigureError else { return false }
      return template == "no-such-template.gp" && message.contains("no-such-template.gp")
    }
  }

  @Test func aGroupWithoutABarForEachSeriesIsAMistake() async {
    await #expect(processExitsWith: .failure) {
      _ = GroupedBars(series: ["a"], panels: [.init(name: "p", groups: [("64", [])])])
    }
  }
}
