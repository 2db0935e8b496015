/// The designs that a program knows, by name.
public struct DesignCatalog: Sendable {
  public private(set) var designs: [any ServingDesign.Type]

  /// The designs of this package, in the order in which tables show them.
  public static let standard = DesignCatalog(designs: [
    NormalWorldBase.self, Strawman.self, StrawmanOptimized.self, FlexServe.self, TZLLM.self,
  ])

  /// - Precondition: no two designs have the same name.
  public init(designs: [any ServingDesign.Type]) {
    let names = designs.map { $0.name }
    for (index, name) in names.enumerated() {
      precondition(!names[..<index].contains(name), "two designs are called \(name)")
    }
    self.designs = designs
  }

  public var names: [String] { designs.map { $0.name } }

  public subscript(name: String) -> (any ServingDesign.Type)? {
    designs.first { $0.name == name }
  }

  /// The standard designs and these.
  public static func adding(_ more: [any ServingDesign.Type]) -> DesignCatalog {
    DesignCatalog(designs: standard.designs + more)
  }
}
