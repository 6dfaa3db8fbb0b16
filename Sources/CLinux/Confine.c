#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

int ff_confine_worker(uint64_t address_space, int niceness) {
  struct rlimit memory = {address_space, address_space}, none = {0, 0}, files = {128, 128};
  if (prctl(PR_SET_PDEATHSIG, 9) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  if (setrlimit(RLIMIT_AS, &memory) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_NOFILE, &files) != 0) return -errno;
  if (setpriority(PRIO_PROCESS, 0, niceness) != 0) return -errno;
  return 0;
}

int ff_peer_credentials(int fd, int32_t *pid, uint32_t *uid) {
  struct ucred found;
  socklen_t size = sizeof found;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) return -errno;
  *pid = found.pid;
  *uid = found.uid;
  return 0;
}

int ff_spawn_closes_from(void *actions, int first) { return posix_spawn_file_actions_addclosefrom_np(actions, first); }
