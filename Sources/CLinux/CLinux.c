#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

// ---------------------------------------------------------------- datagrams in

/// Room for a stamp and an overflow count, aligned as control messages demand.
typedef union {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
} control_room;

static void read_control(struct msghdr *message, ff_datagram *out) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_TIMESTAMPNS && c->cmsg_len >= CMSG_LEN(sizeof(struct timespec))) {
      struct timespec stamp;
      memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
      out->kernel_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
    } else if (c->cmsg_type == SO_RXQ_OVFL && c->cmsg_len >= CMSG_LEN(sizeof(uint32_t))) {
      memcpy(&out->overflows, CMSG_DATA(c), sizeof out->overflows);
    }
  }
}

int ff_receive(int fd, uint8_t *slab, size_t slot, ff_datagram *out, int count) {
  struct mmsghdr messages[FF_BATCH];
  struct iovec parts[FF_BATCH];
  control_room control[FF_BATCH];
  if (count > FF_BATCH) count = FF_BATCH;
  if (count <= 0) return 0;
  for (int i = 0; i < count; i++) {
    parts[i] = (struct iovec){slab + (size_t)i * slot, slot};
    messages[i].msg_hdr = (struct msghdr){
      .msg_name = &out[i].address, .msg_namelen = sizeof out[i].address, .msg_iov = &parts[i], .msg_iovlen = 1,
      .msg_control = control[i].bytes, .msg_controllen = sizeof control[i].bytes};
    messages[i].msg_len = 0;
  }
  int received;
  do { received = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL); } while (received < 0 && errno == EINTR);
  if (received < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
  for (int i = 0; i < received; i++) {
    out[i].length = messages[i].msg_len;
    out[i].truncated = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    out[i].kernel_ns = 0;
    out[i].overflows = 0;
    out[i].address_length = messages[i].msg_hdr.msg_namelen;
    read_control(&messages[i].msg_hdr, &out[i]);
  }
  return received;
}

int ff_datagram_socket(const struct sockaddr *address, socklen_t length, int room, int reuse_port) {
  int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int one = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) < 0) goto failed;
  if (reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) goto failed;
  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
  // The forced form needs CAP_NET_ADMIN; the plain one is cut to net.core.rmem_max.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) < 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  if (bind(fd, address, length) < 0) goto failed;
  return fd;
failed: {
  int why = errno;
  close(fd);
  return -why;
}
}

int ff_stamping_socket(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int one = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) == 0) return fd;
  int why = errno;
  close(fd);
  return -why;
}

// ---------------------------------------------------------------- datagrams out

/// A message to send: `packets` datagrams of `segment` bytes each, the last one perhaps shorter.
typedef struct {
  uint32_t packets;
  uint32_t segment;
  uint32_t last;
  uint32_t total;
} train;

typedef union {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(uint16_t))];
} segment_room;

enum { PARTS = 256, TRAIN_PACKETS = 60, TRAIN_BYTES = 60000 };

static void set_segment(struct msghdr *message, segment_room *room, uint32_t segment) {
  memset(room, 0, sizeof *room);
  message->msg_control = room->bytes;
  message->msg_controllen = sizeof room->bytes;
  struct cmsghdr *c = CMSG_FIRSTHDR(message);
  c->cmsg_level = SOL_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  uint16_t size = (uint16_t)segment;
  memcpy(CMSG_DATA(c), &size, sizeof size);
}

/// One round: as many packets as the arrays hold, from `*at` on, which moves past what was taken.
static void send_round(
  int fd, const struct sockaddr *address, socklen_t length, const uint8_t *bytes, size_t count, uint8_t channel, int *segmentation, size_t *at,
  ff_sent *sent) {
  struct mmsghdr messages[FF_BATCH];
  train trains[FF_BATCH];
  segment_room rooms[FF_BATCH];
  struct iovec parts[PARTS];
  size_t starts[FF_BATCH];
  int used = 0, message = -1;
  size_t cursor = *at;
  while (count - cursor >= 4 && bytes[cursor] == '$') {
    uint32_t size = (uint32_t)bytes[cursor + 2] << 8 | bytes[cursor + 3];
    if (count - cursor - 4 < size) break;
    if (bytes[cursor + 1] != channel || size == 0) {
      cursor += 4 + (size_t)size;
      continue;
    }
    if (used == PARTS) break;
    train *open = message >= 0 ? &trains[message] : NULL;
    int joins = open != NULL && *segmentation != 0 && size <= open->segment && open->last == open->segment && open->packets < TRAIN_PACKETS
      && open->total + size <= TRAIN_BYTES;
    if (!joins) {
      if (message + 1 == FF_BATCH) break;
      message++;
      trains[message] = (train){0, size, size, 0};
      starts[message] = cursor;
      messages[message].msg_hdr = (struct msghdr){
        .msg_name = (void *)address, .msg_namelen = length, .msg_iov = &parts[used], .msg_iovlen = 0};
      messages[message].msg_len = 0;
      open = &trains[message];
    }
    parts[used++] = (struct iovec){(void *)(bytes + cursor + 4), size};
    messages[message].msg_hdr.msg_iovlen++;
    open->packets++;
    open->last = size;
    open->total += size;
    cursor += 4 + (size_t)size;
  }
  *at = cursor;
  int total = message + 1, done = 0;
  for (int i = 0; i < total; i++)
    if (trains[i].packets > 1) set_segment(&messages[i].msg_hdr, &rooms[i], trains[i].segment);
  while (done < total) {
    int moved = sendmmsg(fd, messages + done, (unsigned)(total - done), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (moved > 0) {
      for (int i = done; i < done + moved; i++) {
        sent->packets += trains[i].packets;
        sent->bytes += trains[i].total;
      }
      done += moved;
      continue;
    }
    if (errno == EINTR) continue;
    if (trains[done].packets > 1 && (errno == EINVAL || errno == EIO || errno == EMSGSIZE || errno == EOPNOTSUPP || errno == ENOPROTOOPT)) {
      // This kernel or route takes no trains: go back to where this one began and send it packet by packet.
      *segmentation = 0;
      *at = starts[done];
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
      for (int i = done; i < total; i++) sent->dropped += trains[i].packets;
      return;
    }
    // An ICMP error of an earlier datagram (ECONNREFUSED) or the like: this message is lost, the rest may go.
    sent->error = errno;
    sent->dropped += trains[done].packets;
    done++;
  }
}

ff_sent ff_send_framed(
  int fd, const struct sockaddr *address, socklen_t length, const uint8_t *bytes, size_t count, uint8_t channel, int *segmentation) {
  ff_sent sent = {0, 0, 0, 0};
  size_t at = 0, before;
  do {
    before = at;
    int trains = *segmentation;
    send_round(fd, address, length, bytes, count, channel, segmentation, &at, &sent);
    if (trains != *segmentation) continue;
    if (at == before) break;
  } while (count - at >= 4);
  return sent;
}

// ---------------------------------------------------------------- connections

int ff_listen(const struct sockaddr *address, socklen_t length, int backlog, int reuse_port) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  int shares = reuse_port ? setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) : 0;
  if (shares < 0 || bind(fd, address, length) < 0 || listen(fd, backlog) < 0) {
    int why = errno;
    close(fd);
    return -why;
  }
  return fd;
}

int ff_accept(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int ff_connect(const struct sockaddr *address, socklen_t length) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  // After a signal the connection goes on being made, as with EINPROGRESS.
  if (connect(fd, address, length) < 0 && errno != EINPROGRESS && errno != EINTR) {
    int why = errno;
    close(fd);
    return -why;
  }
  return fd;
}

int ff_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

int64_t ff_send(int fd, const void *bytes, size_t count) {
  ssize_t sent;
  do { sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL); } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

// ---------------------------------------------------------------- figures

int ff_read_clock_state(ff_clock_state *out) {
  struct timex state;
  memset(&state, 0, sizeof state);
  int answer = adjtimex(&state);
  if (answer < 0) return -errno;
  out->synchronised = answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  out->estimated_error_ns = (int64_t)state.esterror * 1000;
  out->maximum_error_ns = (int64_t)state.maxerror * 1000;
  out->offset_ns = (int64_t)state.offset * ((state.status & STA_NANO) != 0 ? 1 : 1000);
  return 0;
}

// ---------------------------------------------------------------- readiness

int ff_epoll_create(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static int control(int epoll, int operation, int fd, uint64_t key, int interest) {
  uint32_t events = (interest & FF_READABLE ? EPOLLIN : 0) | (interest & FF_WRITABLE ? EPOLLOUT : 0);
  struct epoll_event event = {.events = events, .data.u64 = key};
  return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int ff_epoll_add(int epoll, int fd, uint64_t key, int interest) { return control(epoll, EPOLL_CTL_ADD, fd, key, interest); }

int ff_epoll_change(int epoll, int fd, uint64_t key, int interest) { return control(epoll, EPOLL_CTL_MOD, fd, key, interest); }

int ff_epoll_remove(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0; }

int ff_epoll_wait(int epoll, ff_ready *ready, int count, int64_t timeout_ns) {
  struct epoll_event events[256];
  if (count > 256) count = 256;
  if (count <= 0) return 0;
  int found;
  if (timeout_ns <= 0) {
    found = epoll_wait(epoll, events, count, timeout_ns == 0 ? 0 : -1);
  } else {
    struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    found = epoll_pwait2(epoll, events, count, &timeout, NULL);
    // Linux before 5.11: whole milliseconds, never too early.
    if (found < 0 && errno == ENOSYS) {
      int64_t ms = (timeout_ns + 999999) / 1000000;
      found = epoll_wait(epoll, events, count, ms > 60000 ? 60000 : (int)ms);
    }
  }
  if (found < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < found; i++) {
    ready[i].key = events[i].data.u64;
    // Errors and hang-ups show themselves to whoever reads.
    ready[i].readable = (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    ready[i].writable = (events[i].events & EPOLLOUT) != 0;
  }
  return found;
}

int ff_eventfd_create(void) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

void ff_eventfd_signal(int eventfd) {
  uint64_t one = 1;
  while (write(eventfd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void ff_eventfd_drain(int eventfd) {
  uint64_t count;
  while (read(eventfd, &count, sizeof count) < 0 && errno == EINTR) {}
}

// ---------------------------------------------------------------- streams of bytes

int64_t ff_receive_stream(int fd, void *bytes, size_t room) {
  ssize_t received;
  do { received = recv(fd, bytes, room, MSG_DONTWAIT); } while (received < 0 && errno == EINTR);
  return received < 0 ? -errno : received;
}

int ff_preallocate(int fd, int64_t offset, int64_t length) {
  int result;
  do { result = fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length); } while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int ff_prepare_stream(int fd) {
  int one = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 && errno != EOPNOTSUPP) return -errno;
  return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one) < 0 ? -errno : 0;
}
