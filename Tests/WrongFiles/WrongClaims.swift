extension WrongFile {
  static let claims: [WrongFile] = [
    WrongFile(
      "two claims with one name", .claims,
      replacing: "id: never-slower", with: "id: faster",
      says: """
        FILE:13:9: claims[1].id: expected each id once, found "faster" again
        """),
    WrongFile(
      "an unknown estimator", .claims,
      replacing: "estimator: mean_of_ratios", with: "estimator: mean_of_ratio",
      says: """
        FILE:7:16: claims[0].estimator: expected one of mean_of_ratios, geomean, ratio_of_means, \
        max_of_ratios, min_of_ratios, mean_of_section_means, found "mean_of_ratio"; did you mean \
        "mean_of_ratios"?
        """),
    WrongFile(
      "an unknown metric", .claims,
      replacing: "metric: end_to_end_latency", with: "metric: latency",
      says: """
        FILE:24:13: claims[2].metric: expected one of time_to_first_token, end_to_end_latency, \
        decode_tokens_per_second, response_latency, found "latency"
        """),
    WrongFile(
      "an unknown kind", .claims,
      replacing: "kind: atLeast", with: "kind: atleast",
      says: """
        FILE:19:11: claims[1].kind: expected one of equivalence, atLeast, exact, found "atleast"; \
        did you mean "atLeast"?
        """),
    WrongFile(
      "an unknown design", .claims,
      replacing: "design: flexserve\n    estimator: mean",
      with: "design: tz\n    estimator: mean",
      says: """
        FILE:6:13: claims[0].design: expected one of \(designNames), found "tz"
        """),
    WrongFile(
      "a design that is its own baseline", .claims,
      replacing: "baseline: strawman-opt", with: "baseline: flexserve",
      says: """
        FILE:17:13: claims[1].design: expected another design than the baseline, found flexserve
        """),
    WrongFile(
      "no margin", .claims,
      replacing: "    margin: 10 %\n", with: "",
      says: """
        FILE:2:5: claims[0]: missing key "margin"
        """),
    WrongFile(
      "a margin of nothing", .claims,
      replacing: "margin: 10 %", with: "margin: 0 %",
      says: """
        FILE:10:13: claims[0].margin: expected more than 0 % and less than 100 %, found "0 %"
        """),
    WrongFile(
      "a margin of everything", .claims,
      replacing: "margin: 10 %", with: "margin: 100 %",
      says: """
        FILE:10:13: claims[0].margin: expected more than 0 % and less than 100 %, found "100 %"
        """),
    WrongFile(
      "a margin with a sign", .claims,
      replacing: "margin: 10 %", with: "margin: ±10 %",
      says: """
        FILE:10:13: claims[0].margin: expected a ratio or a percentage, such as "0.42" or "17.9 %", \
        found "±10 %" (the number has something other than digits and a point)
        """),
    WrongFile(
      "a margin where none is used", .claims,
      replacing: "target: 1.0", with: "target: 1.0\n    margin: 5 %",
      says: """
        FILE:21:5: claims[1].margin: expected a margin with the kind equivalence alone
        """),
    WrongFile(
      "a target beside a record", .claims,
      replacing: "record: cold-ttft-record.csv",
      with: "record: cold-ttft-record.csv\n    target: 1.0",
      says: """
        FILE:28:5: claims[2].target: expected no target beside a record of every point
        """),
    WrongFile(
      "a record where none is used", .claims,
      replacing: "target: 1.0", with: "target: 1.0\n    record: a.csv",
      says: """
        FILE:21:5: claims[1].record: expected a record with the kind exact alone
        """),
    WrongFile(
      "a record in another folder", .claims,
      replacing: "record: cold-ttft-record.csv", with: "record: ../cold-ttft-record.csv",
      says: """
        FILE:27:13: claims[2].record: expected the name of a file beside this one, found \
        "../cold-ttft-record.csv"
        """),
    WrongFile(
      "an exact claim without anything to compare", .claims,
      replacing: "    record: cold-ttft-record.csv\n", with: "",
      says: """
        FILE:23:5: claims[2]: missing key "baseline"
        FILE:23:5: claims[2]: missing key "design"
        FILE:23:5: claims[2]: missing key "estimator"
        FILE:23:5: claims[2]: missing key "target"
        """),
    WrongFile(
      "a section that the estimator does not use", .claims,
      replacing: "estimator: mean_of_ratios",
      with: "estimator: mean_of_ratios\n    section: model",
      says: """
        FILE:8:5: claims[0].section: expected a section with the estimator mean_of_section_means \
        alone
        """),
    WrongFile(
      "no section for the estimator that needs one", .claims,
      replacing: "estimator: mean_of_ratios", with: "estimator: mean_of_section_means",
      says: """
        FILE:2:5: claims[0]: missing key "section"
        """),
    WrongFile(
      "a target in quotes", .claims,
      replacing: "target: 7.15", with: #"target: "7.15""#,
      says: """
        FILE:9:13: claims[0].target: expected a plain decimal number, such as 7.15, found the text \
        "7.15" in quotes
        """),
    WrongFile(
      "a target that is a percentage", .claims,
      replacing: "target: 7.15", with: "target: 715 %",
      says: """
        FILE:9:13: claims[0].target: expected a plain decimal number, such as 7.15, found "715 %"
        """),
    WrongFile(
      "a target of zero", .claims,
      replacing: "target: 1.0", with: "target: 0",
      says: """
        FILE:20:13: claims[1].target: expected more than 0, found "0"
        """),
    WrongFile(
      "no reason", .claims,
      replacing: "    why: \"it is said so\"\n", with: "",
      says: """
        FILE:13:5: claims[1]: missing key "why"
        """),
    WrongFile(
      "no claims", .claims,
      text: "claims: []\n",
      says: """
        FILE:1:9: claims: expected at least one item, found an empty list
        """),
    WrongFile(
      "a mapping instead of a list of claims", .claims,
      text: "claims:\n  faster: 7.15\n",
      says: """
        FILE:2:3: claims: expected a list, found a mapping
        """),
  ]
}
