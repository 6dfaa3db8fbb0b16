internal import Glibc

enum ProcessNumber {
  static var own: Int64 { Int64(getpid()) }
}
