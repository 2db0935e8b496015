"""Numbers that the tests of Statistics compare with, from NumPy and SciPy.

Made with NumPy 2.4.6 and SciPy 1.17.1:

    python3 oracle.py > Oracle.swift
"""

import math

import numpy as np
from scipy import stats

random = np.random.default_rng(20250101)


def array(values):
    return "[" + ", ".join(number(value) for value in values) + "]"


def number(value):
    return repr(float(value))


def table(name, type_name, rows):
    print(f"  static let {name}: [{type_name}] = [")
    for row in rows:
        fields = ", ".join(f"{key}: {value}" for key, value in row.items())
        print(f"    {type_name}({fields}),")
    print("  ]")


def estimator_cases():
    cases = [
        ([2.0], [1.0], [0]),
        ([3.0, 5.0, 8.0], [2.0, 2.5, 16.0], [1, 0, 1]),
        # The first section has one setting, the second three.
        ([10.0, 20.0, 30.0, 40.0], [1.0, 4.0, 5.0, 8.0], [7, -2, -2, -2]),
        ([1e-300, 1e300], [2e-300, 1e299], [0, 1]),
    ]
    for count, spread in [(12, 0.5), (60, 1.0), (200, 3.0)]:
        baseline = np.exp(random.normal(0, spread, count))
        design = np.exp(random.normal(-1, spread, count))
        cases.append((baseline, design, random.integers(0, 5, count)))
    for baseline, design, sections in cases:
        baseline, design = np.array(baseline), np.array(design)
        sections = np.array(sections)
        ratios = baseline / design
        parts = [ratios[sections == name] for name in np.unique(sections)]
        means = [math.fsum(part) / len(part) for part in parts]
        yield {
            "baseline": array(baseline),
            "design": array(design),
            "sections": "[" + ", ".join(str(section) for section in sections) + "]",
            "meanOfRatios": number(math.fsum(ratios) / len(ratios)),
            "geomean": number(stats.gmean(ratios)),
            "ratioOfMeans": number(np.mean(baseline) / np.mean(design)),
            "maxOfRatios": number(np.max(ratios)),
            "minOfRatios": number(np.min(ratios)),
            "meanOfSectionMeans": number(math.fsum(means) / len(means)),
        }


def error_cases():
    for count in [1, 2, 5, 40]:
        reported = np.exp(random.normal(0, 2, count))
        predicted = reported * np.exp(random.normal(0.1, 0.2, count))
        errors = (predicted - reported) / reported
        yield {
            "predicted": array(predicted),
            "reported": array(reported),
            "errors": array(errors),
            "meanAbsolute": number(np.mean(np.abs(errors))),
            "mean": number(np.mean(errors)),
            "worstIndex": int(np.argmax(np.abs(errors))),
        }


FRACTIONS = [0.0, 0.01, 0.25, 1 / 3, 0.5, 0.75, 0.95, 0.99, 1.0]
LEVELS = [0.5, 0.9, 0.95, 0.99, 0.9999]


def samples():
    yield [1.0, 2.0]
    yield [3.0, 1.0, 2.0]
    yield [-1.0, 5.0, 5.0, 5.0]
    # Numbers far from zero that hardly differ: their standard deviation must not cancel.
    yield [1e9 + 1, 1e9 + 2, 1e9 + 4, 1e9 + 8]
    for count in [5, 10, 31, 200]:
        yield random.normal(10, 2, count)
        yield np.exp(random.normal(0, 1, count))


def sample_cases():
    for values in samples():
        values = np.array(values)
        count, mean, error = len(values), np.mean(values), stats.sem(values)
        # By the upper tail: near 1 a quantile is not to be had from its complement.
        halves = [stats.t.isf((1 - level) / 2, count - 1) * error for level in LEVELS]
        yield {
            "values": array(values),
            "mean": number(mean),
            "standardDeviation": number(np.std(values, ddof=1)),
            "quantiles": array(np.quantile(values, FRACTIONS, method="linear")),
            "lows": array(mean - half for half in halves),
            "highs": array(mean + half for half in halves),
        }


def verdict(passes, fails):
    assert not (passes and fails)
    return ".pass" if passes else ".fail" if fails else ".inconclusive"


def p_value(values, limit, alternative):
    return stats.ttest_1samp(values, limit, alternative=alternative).pvalue


def replicated_cases():
    """Verdicts by SciPy's one-sided t tests at 5 %, limits by its t interval."""
    for count, spread in [(2, 0.01), (3, 0.02), (5, 0.03), (10, 0.1), (20, 0.3)]:
        for centre in [0.9, 0.95, 1.0, 1.03, 1.1, 1.3]:
            target = float(random.choice([0.5, 2.44, 10.05]))
            margin = float(random.choice([0.05, 0.1, 0.25]))
            values = target * centre * np.exp(random.normal(0, spread, count))
            logs = np.log(values)
            below, above = np.log(target * (1 - margin)), np.log(target * (1 + margin))
            low, high = stats.t.interval(0.9, count - 1, np.mean(logs), stats.sem(logs))
            plain = stats.t.interval(0.9, count - 1, np.mean(values), stats.sem(values))
            yield {
                "values": array(values),
                "target": number(target),
                "margin": number(margin),
                "geometricMean": number(stats.gmean(values)),
                "low": number(np.exp(low)),
                "high": number(np.exp(high)),
                "equivalence": verdict(
                    p_value(logs, below, "greater") <= 0.05
                    and p_value(logs, above, "less") <= 0.05,
                    p_value(logs, below, "less") < 0.05
                    or p_value(logs, above, "greater") < 0.05),
                "mean": number(np.mean(values)),
                "plainLow": number(plain[0]),
                "plainHigh": number(plain[1]),
                "atLeast": verdict(
                    p_value(values, target, "greater") <= 0.05,
                    p_value(values, target, "less") < 0.05),
            }


print("""// Made by oracle.py from NumPy and SciPy; do not edit.
// swift-format-ignore-file

import Statistics

struct EstimatorCase: Sendable {
  var baseline: [Double]
  var design: [Double]
  var sections: [Int]
  var meanOfRatios: Double
  var geomean: Double
  var ratioOfMeans: Double
  var maxOfRatios: Double
  var minOfRatios: Double
  var meanOfSectionMeans: Double
}

struct ErrorCase: Sendable {
  var predicted: [Double]
  var reported: [Double]
  var errors: [Double]
  var meanAbsolute: Double
  var mean: Double
  var worstIndex: Int
}

struct SampleCase: Sendable {
  var values: [Double]
  var mean: Double
  var standardDeviation: Double
  /// At `Oracle.fractions`.
  var quantiles: [Double]
  /// Ends of the t intervals at `Oracle.levels`.
  var lows: [Double]
  var highs: [Double]
}

struct ReplicatedCase: Sendable {
  var values: [Double]
  var target: Double
  var margin: Double
  var geometricMean: Double
  var low: Double
  var high: Double
  var equivalence: Verdict
  var mean: Double
  var plainLow: Double
  var plainHigh: Double
  var atLeast: Verdict
}

enum Oracle {""")
print(f"  static let fractions: [Double] = {array(FRACTIONS)}")
print(f"  static let levels: [Double] = {array(LEVELS)}")
table("estimators", "EstimatorCase", estimator_cases())
table("errors", "ErrorCase", error_cases())
table("samples", "SampleCase", sample_cases())
table("replicated", "ReplicatedCase", replicated_cases())
print("}")
