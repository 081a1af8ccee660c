/// What Swift cannot see of the kernel's interface. Every symbol says why it is here; the prefix is `swb_`.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Hidden behind _GNU_SOURCE, which Swift's Glibc module does not define.
int swb_setns(int fd, int nstype);
int swb_unshare(int flags);
// pipe2 with O_CLOEXEC.
int swb_pipe(int ends[2]);

// Constants of <linux/sched.h>, hidden behind _GNU_SOURCE as well.
enum {
  SWB_CLONE_FS = 0x00000200,
  SWB_CLONE_NEWNS = 0x00020000,
  SWB_CLONE_NEWCGROUP = 0x02000000,
  SWB_CLONE_NEWUTS = 0x04000000,
  SWB_CLONE_NEWIPC = 0x08000000,
  SWB_CLONE_NEWPID = 0x20000000,
  SWB_CLONE_NEWNET = 0x40000000,
};

// <malloc.h> is not in Swift's Glibc module. How many arenas there may be; from which size on a block is a mapping of its
// own; how much may lie free at the end of the heap.
void swb_malloc_limits(int arenas, size_t mapped_from, size_t free_at_end);

// System calls without a wrapper in glibc 2.36, or that are variadic there (Swift calls no variadic C function).
int swb_pidfd_open(pid_t pid);
int swb_pidfd_send_signal(int pidfd, int signal);
int swb_pivot_root(const char *new_root, const char *put_old);
pid_t swb_gettid(void);
int swb_prctl_death_signal(int signal);
int swb_prctl_child_subreaper(int enable);
int swb_accept(int fd);
int swb_eventfd(void);
// ioctl is variadic; struct ifreq and struct ethtool_value are not part of Swift's Glibc.
// Asks whether the interface has a carrier: 1, 0, or -1 with errno.
int swb_ethtool_carrier(int fd, const char *name);
int swb_memfd_create(const char *name);
int swb_fcntl_int(int fd, int command, int argument);
int swb_namespace_type(int fd);
int swb_sethostname(const char *name, size_t length);
// openat2 (<linux/openat2.h>) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS: whatever links or `..` the path has, what is
// opened lies below the folder. glibc 2.36 has no wrapper.
int swb_open_beneath(int folder, const char *path, int flags);
// O_PATH of <fcntl.h>, hidden behind _GNU_SOURCE.
enum { SWB_O_PATH = 010000000 };

// waitid(P_PIDFD): the idtype is newer than the header Swift imports, and siginfo's members are macros over a union.
// Returns 1 with *code and *status set when the child has ended, 0 when it has not, -1 with errno.
int swb_wait_pidfd(int pidfd, int *code, int *status);

// wait3() for any child that ended, for the init of a PID namespace; same results as waitpid(-1, status, WNOHANG).
pid_t swb_reap_any(int *status);

// <sys/signalfd.h> is outside Swift's Glibc module. Blocks the signals for the calling thread and the threads it makes later,
// and returns a descriptor that delivers them (closed at exec, nonblocking), or -1.
int swb_signalfd(const int *signals, size_t count);
// Takes one signal: its number, and in *by_kernel whether the kernel sent it (a terminal's Ctrl-C) and no process did.
// 0: none is waiting; -1 with errno.
int swb_signalfd_take(int fd, int *by_kernel);

/// What a child gets. Everything between clone and exec happens in C: after clone in a threaded process only
/// async-signal-safe calls are allowed, which Swift code cannot promise.
struct swb_launch {
  const char *path;
  char *const *argv;
  char *const *envp;
  /// Points into envp, behind "LISTEN_PID=": the child writes its process id there, 10 digits at most. NULL: none.
  char *listen_pid_slot;
  /// NULL: the parent's.
  const char *working_directory;
  /// Descriptor n of the child is a copy of descriptors[n]; -1 stands for /dev/null. All others are closed at exec.
  const int *descriptors;
  size_t descriptor_count;
  /// Namespaces to enter, one descriptor each, entered in this order.
  const int *joined_namespaces;
  size_t joined_namespace_count;
  /// A PID namespace to be born in, or -1.
  int joined_pid_namespace;
  /// CLONE_NEW* flags.
  uint64_t new_namespaces;
  int new_session;
  /// Signal the child gets when the thread that launched it ends; 0: none.
  int death_signal;
};

/// Where a launch failed; the numbers name the step in the error message.
enum {
  SWB_LAUNCH_OK = 0,
  SWB_LAUNCH_PIPE = 1,
  SWB_LAUNCH_JOIN_PID = 2,
  SWB_LAUNCH_CLONE = 3,
  SWB_LAUNCH_DESCRIPTORS = 4,
  SWB_LAUNCH_SESSION = 5,
  SWB_LAUNCH_DEATH_SIGNAL = 6,
  SWB_LAUNCH_JOIN = 7,
  SWB_LAUNCH_DIRECTORY = 8,
  SWB_LAUNCH_EXEC = 9,
};

/// Returns the child's process id in this namespace, or -1 with errno and *step set. *pidfd refers to the child.
pid_t swb_launch(const struct swb_launch *launch, int *pidfd, int *step);
