#define _GNU_SOURCE
#include "CNetworkLab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int raise_flags(int control, const char *device) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  if (ioctl(control, SIOCGIFFLAGS, &request) < 0) return -errno;
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  return ioctl(control, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

int lab_new_namespace(void) {
  if (unshare(CLONE_NEWNET) < 0) return -errno;
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return -errno;
  int up = raise_flags(control, "lo");
  close(control);
  if (up < 0) return up;
  int held = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  return held < 0 ? -errno : held;
}

int lab_enter_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNET) < 0 ? -errno : 0; }

static int set_address(int control, const char *device, unsigned long what, uint32_t address) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  memcpy(&request.ifr_addr, &place, sizeof place);
  return ioctl(control, what, &request) < 0 ? -errno : 0;
}

static int set_number(int control, const char *device, unsigned long what, int value) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  if (what == SIOCSIFMTU) request.ifr_mtu = value; else request.ifr_qlen = value;
  return ioctl(control, what, &request) < 0 ? -errno : 0;
}

int lab_tun(const char *name, uint32_t address, uint32_t peer, int mtu, int queue) {
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tun < 0) return -errno;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(tun, TUNSETIFF, &request) < 0) {
    int why = errno;
    close(tun);
    return -why;
  }
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int failed = control < 0 ? -errno : 0;
  if (failed == 0) failed = set_address(control, name, SIOCSIFADDR, address);
  if (failed == 0) failed = set_address(control, name, SIOCSIFDSTADDR, peer);
  if (failed == 0) failed = set_number(control, name, SIOCSIFMTU, mtu);
  if (failed == 0) failed = set_number(control, name, SIOCSIFTXQLEN, queue);
  if (failed == 0) failed = raise_flags(control, name);
  if (control >= 0) close(control);
  if (failed < 0) {
    close(tun);
    return failed;
  }
  return tun;
}

int lab_tap(const char *device, int room) {
  int tap = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (tap < 0) return -errno;
  int one = 1;
  struct sockaddr_ll place = {
    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(device)};
  if (setsockopt(tap, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) < 0) goto failed;
  if (setsockopt(tap, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) setsockopt(tap, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(tap, (struct sockaddr *)&place, sizeof place) < 0) goto failed;
  return tap;
failed: {
  int why = errno;
  close(tap);
  return -why;
}
}

int lab_tap_receive(int tap, uint8_t *bytes, size_t room, int64_t *stamp, int *outgoing) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct timespec))];
  } control;
  struct iovec part = {bytes, room};
  struct sockaddr_ll place;
  memset(&place, 0, sizeof place);
  struct msghdr message = {
    .msg_name = &place, .msg_namelen = sizeof place, .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
    .msg_controllen = sizeof control.bytes};
  ssize_t length;
  do { length = recvmsg(tap, &message, MSG_DONTWAIT | MSG_TRUNC); } while (length < 0 && errno == EINTR);
  if (length < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
  *stamp = 0;
  *outgoing = place.sll_pkttype == PACKET_OUTGOING;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec time;
    memcpy(&time, CMSG_DATA(c), sizeof time);
    *stamp = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
  }
  return (int)length;
}

int lab_wait(const int *descriptors, int count, int64_t timeout_ns) {
  struct pollfd polled[8];
  if (count > 8) return -EINVAL;
  for (int i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
  if (timeout_ns < 0) timeout_ns = 0;
  struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
  int ready = ppoll(polled, (nfds_t)count, &timeout, NULL);
  if (ready < 0) return errno == EINTR ? 0 : -errno;
  int bits = 0;
  for (int i = 0; i < count; i++)
    if (polled[i].revents != 0) bits |= 1 << i;
  return bits;
}

void lab_prepare_thread(const char *name) {
  pthread_setname_np(pthread_self(), name);
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  // The labs of one process take turns at the processors.
  static atomic_uint turn;
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (processors > 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(atomic_fetch_add(&turn, 1) % (unsigned)processors, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  }
  setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
}
