/// Datagrams in batches: recvmmsg and sendmmsg are hidden behind _GNU_SOURCE, and the control messages that carry the
/// address a datagram was sent to are macros.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SWB_DATAGRAM_BATCH = 64 };

struct swb_datagram {
  void *data;
  uint32_t capacity;
  /// Received, or to be sent.
  uint32_t length;
  /// A struct sockaddr_in or sockaddr_in6.
  uint8_t peer[28];
  uint32_t peer_length;
  /// Control messages that make an answer leave from the address the datagram was sent to.
  uint8_t control[64] __attribute__((aligned(8)));
  uint32_t control_length;
};

/// Asks for the local address of every datagram (IP_PKTINFO, IPV6_RECVPKTINFO). Returns 0, or -1 with errno.
int swb_request_packet_info(int fd, int family);

/// Receives up to SWB_DATAGRAM_BATCH datagrams without waiting. Returns their number, or -1 with errno.
int swb_receive_datagrams(int fd, struct swb_datagram *batch, unsigned count);

/// Sends as many as the kernel takes. Returns their number, or -1 with errno (for the first).
int swb_send_datagrams(int fd, struct swb_datagram *batch, unsigned count);
