/// Whether two numbers agree to twelve digits of the larger, or of `scale` if that is larger still.
///
/// The ends of an interval around zero carry the rounding errors of its width.
func agree(_ found: Double, _ expected: Double, scale: Double = 0) -> Bool {
  let largest = max(found.magnitude, expected.magnitude, scale.magnitude)
  return (found - expected).magnitude <= 1e-12 * largest
}
