import Foundation
import Testing

@testable import ResultFiles

/// A file is whole or not there, whatever goes wrong while it is written.
@Suite(.serialized) struct FailedWriteTests {
  let folder = TemporaryFolder()

  /// Writes while the call number `n` fails.
  /// - Returns: whether there were that many calls.
  private func write(_ file: ResultFile, to path: String, failing n: Int) -> Bool {
    let fault = FaultInjection(after: n)
    FaultInjection.$current.withValue(fault) {
      if fault.outlasts({ try file.write(to: path) }) { return }
      Issue.record("call \(n) failed and the write did not say so")
    }
    return fault.hasHappened
  }

  @Test(arguments: [0, 4, 10_000])
  func everyCallThatFailsLeavesNothingBehind(rows: Int) throws {
    // Many more calls than the largest of these files takes.
    var failures = 0
    while write(.rows(rows), to: folder.file("r.h5"), failing: failures) {
      // The last call synchronises the folder: by then the file is whole and in its place.
      let names = folder.names
      #expect(names == [] || names == ["r.h5"], "call \(failures)")
      if names == ["r.h5"] {
        #expect(try ResultFile(reading: folder.file("r.h5")) == .rows(rows), "call \(failures)")
        try FileManager.default.removeItem(atPath: folder.file("r.h5"))
      }
      failures += 1
    }
    #expect(failures > 50)
    #expect(try ResultFile(reading: folder.file("r.h5")) == .rows(rows))
  }

  @Test func everyCallThatFailsLeavesTheOlderFileOrTheNewOne() throws {
    let path = folder.file("r.h5")
    try ResultFile.sample.write(to: path)
    let older = try #require(bytes(path))
    try ResultFile.rows(4).write(to: folder.file("new.h5"))
    let newer = try #require(bytes(folder.file("new.h5")))
    try FileManager.default.removeItem(atPath: folder.file("new.h5"))

    var failures = 0
    var replaced = 0
    while write(.rows(4), to: path, failing: failures) {
      #expect(folder.names == ["r.h5"], "call \(failures)")
      let found = bytes(path)
      if found == newer { replaced += 1 }
      #expect(found == (replaced > 0 ? newer : older), "call \(failures)")
      failures += 1
    }
    // Only after the renaming is there a call left that can fail: two, on the folder.
    #expect(replaced == 2)
    #expect(bytes(path) == newer)
  }

  @Test func everyCallThatFailsWhileFoldersAreMadeIsReported() throws {
    var failures = 0
    while write(.rows(1), to: folder.file("a/b/r.h5"), failing: failures) {
      try? FileManager.default.removeItem(atPath: folder.file("a"))
      failures += 1
    }
    #expect(try ResultFile(reading: folder.file("a/b/r.h5")) == .rows(1))
  }

  @Test func aFaultIsNoneOfOtherTasks() async throws {
    let fault = FaultInjection(after: 0)
    let path = folder.file("r.h5")
    try await FaultInjection.$current.withValue(fault) {
      try await Task.detached { try ResultFile.sample.write(to: path) }.value
    }
    #expect(!fault.hasHappened)
  }

  /// A disk that takes so many bytes and no more.
  ///
  /// The limit on the length of files stands in for it. It holds for the whole process, so a
  /// process of its own tries them.
  @Test func aFullDiskLeavesNothingBehind() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let folder = TemporaryFolder()
      let path = folder.file("r.h5")
      try ResultFile.rows(10_000).write(to: path)
      let whole = bytes(path)!
      try FileManager.default.removeItem(atPath: path)
      var limit = rlimit(rlim_cur: 0, rlim_max: 0)
      getrlimit(CInt(RLIMIT_FSIZE.rawValue), &limit)
      for length in [0, 1, 47, 4096, whole.count / 2, whole.count - 1] {
        limit.rlim_cur = rlim_t(length)
        setrlimit(CInt(RLIMIT_FSIZE.rawValue), &limit)
        do throws(ResultFileError) {
          try ResultFile.rows(10_000).write(to: path)
          fatalError("\(length) of \(whole.count) bytes were written, and nothing was said")
        } catch {
          guard case .cannotWrite(path, _) = error else { fatalError("\(error)") }
        }
        guard folder.names == [] else { fatalError("\(length): \(folder.names)") }
      }
      limit.rlim_cur = limit.rlim_max
      setrlimit(CInt(RLIMIT_FSIZE.rawValue), &limit)
      try ResultFile.rows(10_000).write(to: path)
      guard bytes(path) == whole else { fatalError("the last file differs from the first") }
    }
  }

  @Test func writersAtOnceLeaveAWholeFile() async throws {
    let path = folder.file("r.h5")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for rows in 1...16 { group.addTask { try ResultFile.rows(rows).write(to: path) } }
      try await group.waitForAll()
    }
    #expect(folder.names == ["r.h5"])
    let found = try ResultFile(reading: path)
    #expect(found == .rows(found.runs.rowCount))
  }

  // MARK: Places that cannot be written

  private func expectRefusal(
    _ path: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: sourceLocation) {
      try ResultFile.sample.write(to: path)
    } throws: { error in
      guard case .cannotWrite(path, let found) = error as? ResultFileError else { return false }
      return found == reason
    }
  }

  @Test func aFileIsNoFolder() throws {
    try Data("text".utf8).write(to: URL(filePath: folder.file("file")))
    expectRefusal(folder.file("file/r.h5"), "\(folder.file("file")) is not a folder")
    #expect(bytes(folder.file("file")) == Data("text".utf8))
  }

  @Test func aFolderIsNoFile() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("r.h5"), withIntermediateDirectories: false)
    expectRefusal(folder.file("r.h5"), "it is there and no regular file")
    #expect(folder.names == ["r.h5"])
  }

  @Test func aFolderThatCannotBeMadeIsNamed() {
    // Nobody makes folders there, not even the superuser.
    expectRefusal("/proc/no-such/r.h5", "/proc/no-such: No such file or directory")
  }

  @Test func aFolderThatMayNotBeWrittenIsReported() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      guard chmod(folder.path, 0o555) == 0 else { fatalError("\(errno)") }
      // The superuser may write everywhere; somebody else takes over.
      if geteuid() == 0 { guard seteuid(65_534) == 0 else { fatalError("\(errno)") } }
      do throws(ResultFileError) {
        try ResultFile.sample.write(to: folder.file("r.h5"))
        fatalError("it was written")
      } catch {
        guard case .cannotWrite = error else { fatalError("\(error)") }
      }
      if getuid() == 0 { seteuid(0) }
      guard folder.names == [] else { fatalError("\(folder.names)") }
    }
  }

  @Test func theMessagesNameTheFile() {
    #expect(
      "\(ResultFileError.cannotWrite(path: "a/b.h5", reason: "rename: Is a directory"))"
        == "a/b.h5: cannot be written: rename: Is a directory")
    #expect("\(ResultFileError.missing(path: "a/b.h5"))" == "a/b.h5: no such file")
    #expect("\(ResultFileError.malformed(path: "a.h5", reason: "why"))" == "a.h5: why")
  }
}

extension FaultInjection {
  /// Whether an action went well because the fault did not come, or failed because it came.
  fileprivate func outlasts(_ action: () throws -> Void) -> Bool {
    do {
      try action()
      return !hasHappened
    } catch ResultFileError.cannotWrite(_, let reason) {
      return hasHappened && reason.hasSuffix("injected fault")
    } catch {
      return false
    }
  }
}
