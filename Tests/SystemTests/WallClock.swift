import Foundation
import Testing

/// A wall clock of a node's own, which a test steps while the node runs. Boot time and the monotonic clock stay the kernel's.
///
/// Stepping this machine's clock is not ours to do, and no namespace has a wall clock. So there are two ways, and neither is enough alone:
/// - `faketime` steps what a program reads, in user space. The kernel's stamps on datagrams stay on the real clock, so the node sees stamps and wall clock
///   an hour apart for as long as the step lasts; it must then place a datagram by the round of reads it came with. This is measurement.md's own row.
/// - `kernelToo` steps what a program reads and the stamps alike, by a library of fifty lines made here: what settimeofday would do.
final class WallClock {
  enum Way: String, CaseIterable { case faketime, kernelToo }

  private static let faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
  static let canRun = FileManager.default.fileExists(atPath: faketime) && Program.exists("cc")

  let environment: [String: String]
  private let way: Way
  private let folder: TemporaryFolder
  private var file: String { folder.path + "/wall-offset" }

  init(_ way: Way) throws {
    self.way = way
    folder = try TemporaryFolder()
    let file = folder.path + "/wall-offset"
    switch way {
    case .faketime:
      environment = [
        "LD_PRELOAD": WallClock.faketime, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
      ]
    case .kernelToo:
      let library = folder.path + "/libstep.so"
      let source = folder.path + "/step.c"
      try WallClock.source.write(toFile: source, atomically: true, encoding: .utf8)
      let made = try Program.run("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
      try #require(made.status == 0, "\(made.errors)")
      environment = ["LD_PRELOAD": library, "FIRSTFRAME_TEST_WALL_OFFSET": file]
    }
    try step(to: 0)
  }

  /// Puts the node's wall clock so many seconds beside this machine's, at once.
  func step(to seconds: Int) throws {
    switch way {
    case .faketime:
      try (seconds < 0 ? "\(seconds)" : "+\(seconds)").write(toFile: file, atomically: true, encoding: .utf8)
    case .kernelToo:
      // Eight bytes that the library has mapped: written in place, seen by the next reading.
      var nanoseconds = Int64(seconds) * 1_000_000_000
      let bytes = withUnsafeBytes(of: &nanoseconds) { Data($0) }
      if !FileManager.default.fileExists(atPath: file) { _ = FileManager.default.createFile(atPath: file, contents: Data(count: 8)) }
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
      try handle.write(contentsOf: bytes)
      try handle.close()
    }
  }

  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <stdint.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/socket.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>

    static volatile int64_t *offset;
    static int64_t none;

    __attribute__((constructor)) static void begin(void) {
      const char *path = getenv("FIRSTFRAME_TEST_WALL_OFFSET");
      int file = path ? open(path, O_RDONLY) : -1;
      void *map = file >= 0 ? mmap(0, 8, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
      offset = map == MAP_FAILED ? &none : map;
    }

    static void shift(struct timespec *t) {
      int64_t ns = (int64_t)t->tv_sec * 1000000000 + t->tv_nsec + (offset ? *offset : 0);
      t->tv_sec = ns / 1000000000;
      t->tv_nsec = ns % 1000000000;
    }

    int clock_gettime(clockid_t id, struct timespec *t) {
      int answer = syscall(SYS_clock_gettime, id, t);
      if (answer == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) shift(t);
      return answer;
    }

    int gettimeofday(struct timeval *restrict t, void *restrict zone) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      t->tv_sec = now.tv_sec;
      t->tv_usec = now.tv_nsec / 1000;
      return 0;
    }

    time_t time(time_t *out) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (out) *out = now.tv_sec;
      return now.tv_sec;
    }

    static void stamps(struct msghdr *message) {
      for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) shift((struct timespec *)CMSG_DATA(c));
    }

    ssize_t recvmsg(int socket, struct msghdr *message, int flags) {
      ssize_t count = syscall(SYS_recvmsg, socket, message, flags);
      if (count >= 0) stamps(message);
      return count;
    }

    int recvmmsg(int socket, struct mmsghdr *messages, unsigned int length, int flags, struct timespec *timeout) {
      int count = syscall(SYS_recvmmsg, socket, messages, length, flags, timeout);
      for (int i = 0; i < count; i++) stamps(&messages[i].msg_hdr);
      return count;
    }
    """
}
