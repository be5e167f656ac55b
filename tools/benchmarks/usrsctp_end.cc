// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/usrsctp_end.h"

#include <arpa/inet.h>
#include <sys/time.h>
#include <usrsctp.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "firmware/base/check.h"
#include "tools/benchmarks/heap_meter.h"

namespace {

ocellus::Time usrsctp_now{};

}  // namespace

// What usrsctp measures round trips with: in this program it is virtual time.
extern "C" int gettimeofday(struct timeval* time, void*) noexcept {
  const int64_t micros = usrsctp_now.time_since_epoch().count();
  time->tv_sec = micros / 1'000'000;
  time->tv_usec = micros % 1'000'000;
  return 0;
}

namespace ocellus::benchmarks {
namespace {

constexpr uint16_t kPort = 5000;
constexpr size_t kCommonHeader = 12;
constexpr int kBuffer = 1024 * 1024;
constexpr uint32_t kPpidBinary = 53;  // RFC 8831 section 8.
constexpr Duration kTick = std::chrono::milliseconds(10);

Time next_tick;

sockaddr_conn AddressOf(void* end) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(kPort);
  address.sconn_addr = end;
  return address;
}

}  // namespace

UsrsctpLibrary::UsrsctpLibrary(Time now, bool checksums) {
  const HeapScope scope;
  usrsctp_now = now;
  next_tick = now;
  usrsctp_init_nothreads(0, &UsrsctpEnd::HandleOutput, nullptr);
  if (!checksums) usrsctp_enable_crc32c_offload();
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_rto_min_default(200);
  usrsctp_sysctl_set_sctp_rto_initial_default(1000);
  usrsctp_sysctl_set_sctp_rto_max_default(10'000);
  usrsctp_sysctl_set_sctp_heartbeat_interval_default(10'000);
  usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(10 * 1024);
  usrsctp_sysctl_set_sctp_initial_cwnd(10);
}

UsrsctpLibrary::~UsrsctpLibrary() {
  // It refuses while timers of what was closed still run.
  for (int i = 0; i < 1000 && usrsctp_finish() != 0; ++i) usrsctp_handle_timers(100);
}

UsrsctpEnd::UsrsctpEnd(PacketSink& out, uint16_t streams) : out_(out) {
  const HeapScope scope;
  usrsctp_register_address(this);
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, &HandleReceived, nullptr, 0, this);
  CHECK(socket_ != nullptr, "errno %d", errno);
  Configure(streams);
}

UsrsctpEnd::~UsrsctpEnd() {
  usrsctp_close(socket_);
  usrsctp_deregister_address(this);
}

void UsrsctpEnd::SetOption(int option, const void* value, size_t size) {
  CHECK(usrsctp_setsockopt(socket_, IPPROTO_SCTP, option, value, static_cast<socklen_t>(size)) == 0,
        "option %d: errno %d", option, errno);
}

void UsrsctpEnd::Configure(uint16_t streams) {
  usrsctp_set_non_blocking(socket_, 1);
  const linger at_once{1, 0};
  usrsctp_setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  usrsctp_setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof(kBuffer));
  usrsctp_setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &kBuffer, sizeof(kBuffer));
  const int on = 1;
  SetOption(SCTP_NODELAY, &on, sizeof(on));
  const int off = 0;
  SetOption(SCTP_FRAGMENT_INTERLEAVE, &off, sizeof(off));
  const sctp_assoc_value resets{SCTP_ALL_ASSOC, SCTP_ENABLE_RESET_STREAM_REQ};
  SetOption(SCTP_ENABLE_STREAM_RESET, &resets, sizeof(resets));
  sctp_initmsg init{};
  init.sinit_num_ostreams = streams;
  init.sinit_max_instreams = streams;
  SetOption(SCTP_INITMSG, &init, sizeof(init));
  sctp_event event{};
  event.se_assoc_id = SCTP_ALL_ASSOC;
  event.se_type = SCTP_ASSOC_CHANGE;
  event.se_on = 1;
  SetOption(SCTP_EVENT, &event, sizeof(event));
  sctp_paddrparams path{};
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_ENABLE;
  path.spp_pathmtu = kSctpMtu - kCommonHeader;
  SetOption(SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
  sockaddr_conn address = AddressOf(this);
  CHECK(usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
        "errno %d", errno);
}

void UsrsctpEnd::Start(Time now) {
  const HeapScope scope;
  usrsctp_now = now;
  sockaddr_conn address = AddressOf(this);
  const int result =
      usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  CHECK(result == 0 || errno == EINPROGRESS, "errno %d", errno);
}

bool UsrsctpEnd::Send(Time now, Bytes message) {
  const HeapScope scope;
  usrsctp_now = now;
  sctp_sendv_spa spa{};
  spa.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  spa.sendv_sndinfo.snd_ppid = htonl(kPpidBinary);
  spa.sendv_sndinfo.snd_flags = SCTP_EOR;
  const ssize_t size = usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &spa,
                                     sizeof(spa), SCTP_SENDV_SPA, 0);
  CHECK(size >= 0 || errno == EWOULDBLOCK, "errno %d", errno);
  CHECK(size < 0 || static_cast<size_t>(size) == message.size(), "%zd bytes alone", size);
  return size >= 0;
}

void UsrsctpEnd::HandlePacket(Time now, Bytes packet) {
  const HeapScope scope;
  usrsctp_now = now;
  usrsctp_conninput(this, packet.data(), packet.size(), 0);
}

void UsrsctpEnd::HandleTimeout(Time now) {
  const HeapScope scope;
  usrsctp_now = now;
  for (; next_tick <= now; next_tick += kTick) {
    usrsctp_handle_timers(static_cast<uint32_t>(ToMilliseconds(kTick)));
  }
}

Time UsrsctpEnd::next_deadline() const { return next_tick; }

int UsrsctpEnd::HandleOutput(void* end, void* packet, size_t size, uint8_t, uint8_t) {
  static_cast<UsrsctpEnd*>(end)->out_.Carry(usrsctp_now,
                                            Bytes(static_cast<const uint8_t*>(packet), size));
  return 0;
}

int UsrsctpEnd::HandleReceived(struct socket*, union sctp_sockstore, void* data, size_t size,
                               struct sctp_rcvinfo, int flags, void* self) {
  auto* end = static_cast<UsrsctpEnd*>(self);
  CHECK(data != nullptr, "the association is lost");
  const Bytes bytes(static_cast<const uint8_t*>(data), size);
  if (flags & MSG_NOTIFICATION) {
    end->HandleNotification(bytes);
  } else if ((flags & MSG_EOR) && end->part_.empty()) {
    end->bytes_received_ += size;
  } else {
    end->part_.insert(end->part_.end(), bytes.begin(), bytes.end());
    if (flags & MSG_EOR) {
      end->bytes_received_ += end->part_.size();
      end->part_.clear();
    }
  }
  std::free(data);
  return 1;
}

void UsrsctpEnd::HandleNotification(Bytes notification) {
  const auto* any = reinterpret_cast<const sctp_notification*>(notification.data());
  if (any->sn_header.sn_type != SCTP_ASSOC_CHANGE) return;
  const uint16_t state = any->sn_assoc_change.sac_state;
  if (state == SCTP_COMM_UP) connected_ = true;
  CHECK(state != SCTP_COMM_LOST && state != SCTP_CANT_STR_ASSOC, "the association is lost");
}

}  // namespace ocellus::benchmarks
