#define _GNU_SOURCE
#include "include/datagrams.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

int swb_request_packet_info(int fd, int family) {
  int one = 1;
  if (family == AF_INET) return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one);
}

static void describe(struct mmsghdr *header, struct iovec *vector, struct swb_datagram *datagram) {
  memset(header, 0, sizeof *header);
  header->msg_hdr.msg_iov = vector;
  header->msg_hdr.msg_iovlen = 1;
  header->msg_hdr.msg_name = datagram->peer;
  header->msg_hdr.msg_control = datagram->control;
}

// Turns what was received into what has to be sent: the local address as source, any interface.
static void keep_source(struct swb_datagram *datagram, size_t received) {
  datagram->control_length = 0;
  if (received == 0) return;
  struct msghdr message = {.msg_control = datagram->control, .msg_controllen = received};
  struct in_pktinfo v4 = {0};
  struct in6_pktinfo v6 = {0};
  int family = 0;
  for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item != NULL; item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      memcpy(&v4, CMSG_DATA(item), sizeof v4);
      family = AF_INET;
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      memcpy(&v6, CMSG_DATA(item), sizeof v6);
      family = AF_INET6;
    }
  }
  if (family == 0) return;
  v4.ipi_ifindex = 0;
  // A link-local source needs its interface.
  if (!IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr)) v6.ipi6_ifindex = 0;
  memset(datagram->control, 0, sizeof datagram->control);
  message.msg_controllen = sizeof datagram->control;
  struct cmsghdr *item = CMSG_FIRSTHDR(&message);
  if (family == AF_INET) {
    item->cmsg_level = IPPROTO_IP;
    item->cmsg_type = IP_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof v4);
    memcpy(CMSG_DATA(item), &v4, sizeof v4);
    datagram->control_length = CMSG_SPACE(sizeof v4);
  } else {
    item->cmsg_level = IPPROTO_IPV6;
    item->cmsg_type = IPV6_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof v6);
    memcpy(CMSG_DATA(item), &v6, sizeof v6);
    datagram->control_length = CMSG_SPACE(sizeof v6);
  }
}

int swb_receive_datagrams(int fd, struct swb_datagram *batch, unsigned count) {
  struct mmsghdr headers[SWB_DATAGRAM_BATCH];
  struct iovec vectors[SWB_DATAGRAM_BATCH];
  if (count > SWB_DATAGRAM_BATCH) count = SWB_DATAGRAM_BATCH;
  for (unsigned i = 0; i < count; i++) {
    describe(&headers[i], &vectors[i], &batch[i]);
    vectors[i] = (struct iovec){.iov_base = batch[i].data, .iov_len = batch[i].capacity};
    headers[i].msg_hdr.msg_namelen = sizeof batch[i].peer;
    headers[i].msg_hdr.msg_controllen = sizeof batch[i].control;
  }
  int received = recvmmsg(fd, headers, count, MSG_DONTWAIT, NULL);
  for (int i = 0; i < received; i++) {
    // A datagram longer than its room was cut: as good as none.
    batch[i].length = headers[i].msg_len;
    if (headers[i].msg_hdr.msg_flags & MSG_TRUNC) batch[i].length = 0;
    batch[i].peer_length = headers[i].msg_hdr.msg_namelen;
    keep_source(&batch[i], headers[i].msg_hdr.msg_controllen);
  }
  return received;
}

int swb_send_datagrams(int fd, struct swb_datagram *batch, unsigned count) {
  struct mmsghdr headers[SWB_DATAGRAM_BATCH];
  struct iovec vectors[SWB_DATAGRAM_BATCH];
  if (count > SWB_DATAGRAM_BATCH) count = SWB_DATAGRAM_BATCH;
  for (unsigned i = 0; i < count; i++) {
    describe(&headers[i], &vectors[i], &batch[i]);
    vectors[i] = (struct iovec){.iov_base = batch[i].data, .iov_len = batch[i].length};
    headers[i].msg_hdr.msg_namelen = batch[i].peer_length;
    headers[i].msg_hdr.msg_controllen = batch[i].control_length;
    if (batch[i].control_length == 0) headers[i].msg_hdr.msg_control = NULL;
  }
  return sendmmsg(fd, headers, count, 0);
}
