#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int swb_setns(int fd, int nstype) { return setns(fd, nstype); }
int swb_unshare(int flags) { return unshare(flags); }
int swb_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
void swb_malloc_limits(int arenas, size_t mapped_from, size_t free_at_end) {
  mallopt(M_ARENA_MAX, arenas);
  mallopt(M_MMAP_THRESHOLD, (int)mapped_from);
  mallopt(M_TRIM_THRESHOLD, (int)free_at_end);
}
int swb_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int swb_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
int swb_pivot_root(const char *new_root, const char *put_old) {
  return (int)syscall(SYS_pivot_root, new_root, put_old);
}
pid_t swb_gettid(void) { return (pid_t)syscall(SYS_gettid); }
int swb_prctl_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
int swb_prctl_child_subreaper(int enable) { return prctl(PR_SET_CHILD_SUBREAPER, enable, 0, 0, 0); }
int swb_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC); }
int swb_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
int swb_ethtool_carrier(int fd, const char *name) {
  struct ethtool_value value = {.cmd = ETHTOOL_GLINK};
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  request.ifr_data = (void *)&value;
  if (ioctl(fd, SIOCETHTOOL, &request) != 0) return -1;
  return value.data != 0;
}
int swb_memfd_create(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
int swb_fcntl_int(int fd, int command, int argument) { return fcntl(fd, command, argument); }
int swb_sethostname(const char *name, size_t length) { return sethostname(name, length); }
int swb_open_beneath(int folder, const char *path, int flags) {
  struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
}

int swb_signalfd(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int swb_signalfd_take(int fd, int *by_kernel) {
  struct signalfd_siginfo info;
  ssize_t count = read(fd, &info, sizeof info);
  if (count < 0) return errno == EAGAIN ? 0 : -1;
  *by_kernel = info.ssi_code == SI_KERNEL;
  return (int)info.ssi_signo;
}

int swb_namespace_type(int fd) { return ioctl(fd, 0xb703 /* NS_GET_NSTYPE, <linux/nsfs.h> */); }

int swb_wait_pidfd(int pidfd, int *code, int *status) {
  siginfo_t info = {0};
  if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED | WNOHANG) != 0) return -1;
  if (info.si_pid == 0) return 0;
  *code = info.si_code;
  *status = info.si_status;
  return 1;
}

pid_t swb_reap_any(int *status) { return waitpid(-1, status, WNOHANG); }

struct failure {
  int step;
  int error;
};

static void fail(int report, int step) {
  struct failure failure = {step, errno};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  _exit(127);
}

static void write_decimal(char *slot, unsigned value) {
  char digits[11];
  int count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0) *slot++ = digits[--count];
  *slot = 0;
}

// Copies go above the final range first, so that no source is overwritten before it was used.
static void place_descriptors(const struct swb_launch *launch, int *report) {
  int base = (int)launch->descriptor_count + 3;
  int moved = fcntl(*report, F_DUPFD_CLOEXEC, base);
  if (moved < 0) fail(*report, SWB_LAUNCH_DESCRIPTORS);
  *report = moved;
  int copies[launch->descriptor_count + 1];
  for (size_t i = 0; i < launch->descriptor_count; i++) {
    int source = launch->descriptors[i];
    int opened = -1;
    if (source < 0) source = opened = open("/dev/null", O_RDWR | O_CLOEXEC);
    copies[i] = source < 0 ? -1 : fcntl(source, F_DUPFD_CLOEXEC, base);
    if (copies[i] < 0) fail(*report, SWB_LAUNCH_DESCRIPTORS);
    if (opened >= 0) close(opened);
  }
  for (size_t i = 0; i < launch->descriptor_count; i++) {
    if (dup2(copies[i], (int)i) < 0) fail(*report, SWB_LAUNCH_DESCRIPTORS);
  }
}

static void child(const struct swb_launch *launch, int report) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < 65; signal++) {
    if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &action, NULL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);

  if (launch->death_signal != 0) {
    if (prctl(PR_SET_PDEATHSIG, launch->death_signal, 0, 0, 0) != 0) fail(report, SWB_LAUNCH_DEATH_SIGNAL);
    // The parent may have died before the line above; then nobody reads our report any more.
    struct pollfd reader = {.fd = report, .events = 0};
    if (poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0) _exit(127);
  }
  if (launch->new_session && setsid() < 0) fail(report, SWB_LAUNCH_SESSION);
  // Joining comes before the descriptors are placed: placing overwrites numbers that the namespaces may have.
  for (size_t i = 0; i < launch->joined_namespace_count; i++) {
    if (setns(launch->joined_namespaces[i], 0) != 0) fail(report, SWB_LAUNCH_JOIN);
  }
  place_descriptors(launch, &report);
  if (launch->working_directory != NULL && chdir(launch->working_directory) != 0) {
    fail(report, SWB_LAUNCH_DIRECTORY);
  }
  if (launch->listen_pid_slot != NULL) write_decimal(launch->listen_pid_slot, (unsigned)getpid());
  syscall(SYS_close_range, (unsigned)launch->descriptor_count, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
  execve(launch->path, launch->argv, launch->envp);
  fail(report, SWB_LAUNCH_EXEC);
}

// struct clone_args of <linux/sched.h>, whose other contents clash with <sched.h>.
struct clone_arguments {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static pid_t clone_child(const struct swb_launch *launch, int *pidfd, const int report[2]) {
  struct clone_arguments arguments = {
      .flags = launch->new_namespaces | 0x1000 /* CLONE_PIDFD */,
      .pidfd = (uint64_t)(uintptr_t)pidfd,
      .exit_signal = SIGCHLD,
  };
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) {
    close(report[0]);
    child(launch, report[1]);
  }
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return pid;
}

pid_t swb_launch(const struct swb_launch *launch, int *pidfd, int *step) {
  int report[2];
  *step = SWB_LAUNCH_PIPE;
  if (pipe2(report, O_CLOEXEC) != 0) return -1;
  pid_t pid = -1;
  int own_pid_namespace = -1;
  if (launch->joined_pid_namespace >= 0) {
    *step = SWB_LAUNCH_JOIN_PID;
    own_pid_namespace = open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC);
    if (own_pid_namespace < 0 || setns(launch->joined_pid_namespace, CLONE_NEWPID) != 0) goto out;
  }
  *step = SWB_LAUNCH_CLONE;
  pid = clone_child(launch, pidfd, report);
  int clone_error = errno;
  if (own_pid_namespace >= 0) setns(own_pid_namespace, CLONE_NEWPID);
  errno = clone_error;
  if (pid < 0) goto out;
  close(report[1]);
  report[1] = -1;
  struct failure failure;
  ssize_t count;
  do {
    count = read(report[0], &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  *step = SWB_LAUNCH_OK;
  if (count == (ssize_t)sizeof failure) {
    int ignored;
    while (waitpid(pid, &ignored, 0) < 0 && errno == EINTR) {
    }
    close(*pidfd);
    *pidfd = -1;
    *step = failure.step;
    errno = failure.error;
    pid = -1;
  }
out:;
  int error = errno;
  if (own_pid_namespace >= 0) close(own_pid_namespace);
  close(report[0]);
  if (report[1] >= 0) close(report[1]);
  errno = error;
  return pid;
}
