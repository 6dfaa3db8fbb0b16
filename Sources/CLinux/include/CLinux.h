// The few lines that Swift cannot say: control messages of received datagrams, batches of datagrams sent, readiness of sockets, the clock's
// state. Every function is free of global state and may be called from any thread.
#ifndef FIRSTFRAME_CLINUX_H
#define FIRSTFRAME_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The most datagrams that one call moves.
#define FF_BATCH 64

/// One received datagram.
typedef struct {
  /// Bytes received into its slot; a longer datagram is cut and `truncated` is set.
  uint32_t length;
  uint32_t truncated;
  /// The kernel's arrival stamp, CLOCK_REALTIME nanoseconds; 0 when the kernel gave none.
  int64_t kernel_ns;
  /// Datagrams that this socket has lost so far for want of room (SO_RXQ_OVFL).
  uint32_t overflows;
  socklen_t address_length;
  struct sockaddr_storage address;
} ff_datagram;

/// Receives up to `count` (at most FF_BATCH) datagrams without blocking, datagram i into `slab + i * slot`.
/// Returns how many, 0 when there are none, −errno on failure.
int ff_receive(int fd, uint8_t *slab, size_t slot, ff_datagram *out, int count);

/// A bound UDP socket: non-blocking, close-on-exec, kernel stamps and overflow counts on, receive and send room of `room` bytes as far as
/// the machine allows, GRO off. With `reuse_port` several sockets may share the port (SO_REUSEPORT on each of them). Returns the descriptor or
/// −errno.
int ff_datagram_socket(const struct sockaddr *address, socklen_t length, int room, int reuse_port);

/// An unbound UDP socket with kernel stamps on, to keep stamping on. Returns the descriptor or −errno.
int ff_stamping_socket(void);

/// What one call of `ff_send_framed` did.
typedef struct {
  uint32_t packets;
  uint64_t bytes;
  /// Packets that found no room in the socket's buffer.
  uint32_t dropped;
  /// errno of the last failure that was not want of room; 0 when there was none.
  int error;
} ff_sent;

/// Sends every packet of interleaved framing (`$ channel length`, RFC 2326 §10.12) whose channel is `channel`, each as one datagram, in as few
/// calls as the kernel allows and without blocking; runs of equal length go as one UDP_SEGMENT train while `*segmentation` is not 0. Clears `*segmentation` and falls
/// back to single datagrams when the kernel or the route refuses trains. Stops at the first badly framed byte.
ff_sent ff_send_framed(
  int fd, const struct sockaddr *address, socklen_t length, const uint8_t *bytes, size_t count, uint8_t channel, int *segmentation);

/// A listening TCP socket, close-on-exec, address reuse on. With `reuse_port` several sockets may share the port (SO_REUSEPORT on each of them).
/// Returns the descriptor or −errno.
int ff_listen(const struct sockaddr *address, socklen_t length, int backlog, int reuse_port);
/// The next connection, blocking: close-on-exec and non-blocking itself. Returns the descriptor or −errno.
int ff_accept(int listener);
/// Begins a TCP connection without blocking: close-on-exec. When the socket is writable, `ff_socket_error` tells how it went. Returns the
/// descriptor or −errno.
int ff_connect(const struct sockaddr *address, socklen_t length);
/// The error that waits on a socket (SO_ERROR), which this call clears: 0 or errno.
int ff_socket_error(int fd);
/// Writes what the socket takes without blocking and without SIGPIPE. Returns how many bytes, or −errno.
int64_t ff_send(int fd, const void *bytes, size_t count);

/// State of the system clock as the kernel's NTP discipline tells it.
typedef struct {
  /// 1 when something keeps the clock synchronised.
  int synchronised;
  /// Nanoseconds.
  int64_t estimated_error_ns;
  int64_t maximum_error_ns;
  int64_t offset_ns;
} ff_clock_state;

/// Reads the clock's state (adjtimex, nothing is set). Returns 0 or −errno.
int ff_read_clock_state(ff_clock_state *out);

/// What an epoll descriptor waits for on a socket: bits to be joined. Errors and hang-ups always come, as readable.
#define FF_READABLE 1
#define FF_WRITABLE 2

/// One socket that is ready.
typedef struct {
  /// As it was given to `ff_epoll_add`.
  uint64_t key;
  /// Bytes, the end or an error can be received.
  uint32_t readable;
  uint32_t writable;
} ff_ready;

/// Readiness of many sockets. Returns a descriptor or −errno.
int ff_epoll_create(void);
/// Waits for a socket from now on. `interest` is FF_READABLE, FF_WRITABLE or both. Returns 0 or −errno.
int ff_epoll_add(int epoll, int fd, uint64_t key, int interest);
/// Changes what is waited for. Returns 0 or −errno.
int ff_epoll_change(int epoll, int fd, uint64_t key, int interest);
/// Waits for a socket no longer. Returns 0 or −errno.
int ff_epoll_remove(int epoll, int fd);
/// Waits at most `timeout_ns` (0: not at all, below 0: for ever); fills at most 256. Returns how many, 0 at the timeout or after a signal, −errno on
/// failure.
int ff_epoll_wait(int epoll, ff_ready *ready, int count, int64_t timeout_ns);

/// A counter that becomes readable when it is signalled (eventfd): how one thread wakes another that waits in `ff_epoll_wait`. Returns a
/// descriptor or −errno.
int ff_eventfd_create(void);
/// Makes it readable.
void ff_eventfd_signal(int eventfd);
/// Makes it unreadable again.
void ff_eventfd_drain(int eventfd);

/// Receives what is there without blocking. Returns how many bytes, 0 at the end of the stream, −errno on failure.
int64_t ff_receive_stream(int fd, void *bytes, size_t room);
/// Gives a file blocks for `length` bytes from `offset` on; its size stays (fallocate, FALLOC_FL_KEEP_SIZE). Returns 0 or −errno.
int ff_preallocate(int fd, int64_t offset, int64_t length);

/// Sets TCP_NODELAY and keep-alive. Returns 0 or −errno.
int ff_prepare_stream(int fd);

/// Confines this process for good: killed when the thread that made it ends, no new privileges, no core, few descriptors, so many bytes of
/// address space, so nice. Returns 0 or −errno.
int ff_confine_worker(uint64_t address_space, int niceness);

/// Process and user at the other end of a local socket, as the kernel knows them (SO_PEERCRED). Returns 0 or −errno.
int ff_peer_credentials(int fd, int32_t *pid, uint32_t *uid);

/// Has a spawned process close every descriptor from `first` on. `actions` is a posix_spawn_file_actions_t. Returns 0 or an errno.
int ff_spawn_closes_from(void *actions, int first);

#ifdef __cplusplus
}
#endif
#endif
