// A plain `+` on Int64 traps too, but says nothing in a release build. These
// name the operands, out of line so that the checked path stays short.

@inlinable
func checkedSum(_ left: Int64, _ right: Int64, of unit: StaticString) -> Int64 {
  let (sum, overflow) = left.addingReportingOverflow(right)
  if overflow { trapOutOfRange(left, "+", right, unit) }
  return sum
}

@inlinable
func checkedDifference(_ left: Int64, _ right: Int64, of unit: StaticString) -> Int64 {
  let (difference, overflow) = left.subtractingReportingOverflow(right)
  if overflow { trapOutOfRange(left, "-", right, unit) }
  return difference
}

/// The difference of two amounts that are never negative.
@inlinable
func checkedRemainder(_ left: Int64, _ right: Int64, of unit: StaticString) -> Int64 {
  if left < right { trapBelowZero(left, right, unit) }
  return left - right
}

@inlinable
func checkedProduct<Factor: BinaryInteger>(
  _ left: Int64, _ right: Factor, of unit: StaticString
) -> Int64 {
  let factor = checkedWidth(right, of: unit)
  let (product, overflow) = left.multipliedReportingOverflow(by: factor)
  if overflow { trapOutOfRange(left, "*", factor, unit) }
  return product
}

@inlinable
func checkedWidth<Number: BinaryInteger>(_ number: Number, of unit: StaticString) -> Int64 {
  guard let result = Int64(exactly: number) else { trapTooWide(String(number), unit) }
  return result
}

@inlinable
func checkedNotNegative(_ value: Int64, of unit: StaticString) -> Int64 {
  if value < 0 { trapNegative(value, unit) }
  return value
}

/// The time that `count` things take at `rate` things a second, in
/// picoseconds, rounded up once.
@inlinable
func picoseconds(for count: Int64, at rate: Int64, of unit: StaticString) -> Int64 {
  if rate <= 0 { trapRate(rate, unit) }
  let (quotient, rest) = (Int128(count) * 1_000_000_000_000)
    .quotientAndRemainder(dividingBy: Int128(rate))
  guard let result = Int64(exactly: rest > 0 ? quotient + 1 : quotient) else {
    trapDuration(count, rate, unit)
  }
  return result
}

@usableFromInline @inline(never)
func trapOutOfRange(
  _ left: Int64, _ operation: StaticString, _ right: Int64, _ unit: StaticString
) -> Never {
  fatalError("\(left) \(operation) \(right) \(unit) does not fit 64 bits")
}

@usableFromInline @inline(never)
func trapTooWide(_ number: String, _ unit: StaticString) -> Never {
  fatalError("the number \(number) for \(unit) does not fit 64 bits")
}

@usableFromInline @inline(never)
func trapNegative(_ value: Int64, _ unit: StaticString) -> Never {
  fatalError("\(value) \(unit) is negative")
}

@usableFromInline @inline(never)
func trapBelowZero(_ left: Int64, _ right: Int64, _ unit: StaticString) -> Never {
  fatalError("\(left) - \(right) \(unit) is negative")
}

@usableFromInline @inline(never)
func trapEmptyPage() -> Never {
  fatalError("a page of 0 bytes holds nothing")
}

@usableFromInline @inline(never)
func trapRate(_ rate: Int64, _ unit: StaticString) -> Never {
  fatalError("nothing ever ends at \(rate) \(unit) a second")
}

@usableFromInline @inline(never)
func trapDuration(_ count: Int64, _ rate: Int64, _ unit: StaticString) -> Never {
  fatalError("\(count) \(unit) at \(rate) a second take longer than 64 bits of picoseconds")
}

@inline(never)
func trapWhole(_ part: Int64, _ whole: Int64) -> Never {
  fatalError("\(part) over \(whole) is no ratio")
}

@inline(never)
func trapScaling(_ amount: Int64, _ unit: StaticString, by ratio: String) -> Never {
  fatalError("\(amount) \(unit) scaled by \(ratio) does not fit 64 bits")
}
