// What the network lab needs from the kernel and Swift cannot say: namespaces, TUN devices, a packet socket that tells when the kernel stamped
// what it received. Shares nothing with CLinux: the lab referees the product. All functions return 0 or a descriptor, −errno on failure.
#ifndef FIRSTFRAME_CNETWORKLAB_H
#define FIRSTFRAME_CNETWORKLAB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Gives the calling thread a network namespace of its own with `lo` up. Returns a descriptor that holds the namespace: it goes with the last
/// descriptor and thread, so nothing is left behind whatever happens. Other programs enter it as /proc/PID/fd/DESCRIPTOR.
int lab_new_namespace(void);
/// Moves the calling thread, it alone, into a namespace.
int lab_enter_namespace(int descriptor);

/// Makes a TUN device in the calling thread's namespace, point to point, up, with room for `queue` packets. Addresses are IPv4 in host order.
/// The descriptor reads and writes whole IP packets, without blocking, from whatever namespace.
int lab_tun(const char *name, uint32_t address, uint32_t peer, int mtu, int queue);

/// A packet socket in the calling thread's namespace that sees every packet which the device sends and receives, with the kernel's stamp of it.
int lab_tap(const char *device, int room);
/// Takes one packet from a tap: up to `room` bytes of it, the kernel's stamp (CLOCK_REALTIME, nanoseconds, 0 when there is none) and whether it is
/// one that the device's side sends. Returns the packet's whole length, 0 when there is no packet, −errno on failure.
int lab_tap_receive(int tap, uint8_t *bytes, size_t room, int64_t *stamp, int *outgoing);

/// Readiness of up to eight descriptors within `timeout_ns`: a bit for each.
int lab_wait(const int *descriptors, int count, int64_t timeout_ns);

/// Lets the calling thread wake when it asked to (timer slack 1 ns), keeps it on one processor, so that packets which it writes are received
/// in that order, and asks for a good place among others, which may be refused.
void lab_prepare_thread(const char *name);

#ifdef __cplusplus
}
#endif
#endif
