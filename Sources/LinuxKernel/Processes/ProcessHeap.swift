internal import CLinux

/// How this process keeps memory that it has no use for at the moment.
package enum ProcessHeap {
  /// Two arenas in place of eight for each processor; blocks from a megabyte on straight from the kernel and back to it,
  /// where glibc would keep as much as the largest it has ever seen; and no more than eight megabytes free at the end.
  package static func keepLittle() { swb_malloc_limits(2, 1 << 20, 8 << 20) }
}
