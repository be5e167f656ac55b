// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/sctp/usrsctp_end.h"

#include <arpa/inet.h>
#include <sys/time.h>
#include <usrsctp.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "firmware/base/check.h"

namespace {

ocellus::Time usrsctp_now = ocellus::sctp::PacketPath::kStart;

}  // namespace

// What usrsctp measures round trips and the age of cookies with: in this program it is the test's
// time. (GoogleTest uses another clock.)
extern "C" int gettimeofday(struct timeval* time, void*) noexcept {
  const int64_t micros = usrsctp_now.time_since_epoch().count();
  time->tv_sec = micros / 1'000'000;
  time->tv_usec = micros % 1'000'000;
  return 0;
}

// The thread sanitizer reports that usrsctp takes two of its mutexes in either order: here, where
// one thread takes them all, none can wait for another.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "deadlock:libusrsctp"; }

namespace ocellus::sctp {
namespace {

constexpr uint16_t kPort = 5000;
constexpr Duration kTick = std::chrono::milliseconds(10);

// usrsctp's sctp.h, which is not installed.
constexpr int kInterleavingSupported = 0x1206;

sockaddr_conn AddressOf(void* end) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(kPort);
  address.sconn_addr = end;
  return address;
}

}  // namespace

UsrsctpEnd::UsrsctpEnd(Interleaving interleaving) {
  usrsctp_init_nothreads(0, &HandleOutput, nullptr);
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_register_address(this);
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, &HandleReceived, nullptr, 0, this);
  CHECK(socket_ != nullptr, "errno %d", errno);
  Configure(socket_, interleaving);
  sockaddr_conn address = AddressOf(this);
  CHECK(usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
        "errno %d", errno);
}

UsrsctpEnd::~UsrsctpEnd() {
  if (listener_) usrsctp_close(listener_);
  if (socket_) {
    const linger at_once{1, 0};
    usrsctp_setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    usrsctp_close(socket_);
  }
  usrsctp_deregister_address(this);
  // It refuses while timers of what was closed still run.
  for (int i = 0; i < 1000 && usrsctp_finish() != 0; ++i) usrsctp_handle_timers(100);
}

void UsrsctpEnd::SetOption(struct socket* socket, int option, const void* value, size_t size) {
  CHECK(usrsctp_setsockopt(socket, IPPROTO_SCTP, option, value, static_cast<socklen_t>(size)) == 0,
        "option %d: errno %d", option, errno);
}

void UsrsctpEnd::Configure(struct socket* socket, Interleaving interleaving) {
  usrsctp_set_non_blocking(socket, 1);
  constexpr int kBuffer = 1024 * 1024;
  usrsctp_setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof(kBuffer));
  usrsctp_setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kBuffer, sizeof(kBuffer));
  const int on = 1;
  SetOption(socket, SCTP_NODELAY, &on, sizeof(on));
  const int all = 2;  // Parts of messages of several streams at once.
  SetOption(socket, SCTP_FRAGMENT_INTERLEAVE, &all, sizeof(all));
  const sctp_assoc_value resets{SCTP_ALL_ASSOC,
                                SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ};
  SetOption(socket, SCTP_ENABLE_STREAM_RESET, &resets, sizeof(resets));
  const sctp_assoc_value interleave{SCTP_FUTURE_ASSOC, interleaving == Interleaving::kOn ? 1u : 0u};
  SetOption(socket, kInterleavingSupported, &interleave, sizeof(interleave));
  sctp_initmsg streams{};
  streams.sinit_num_ostreams = 256;  // As Firefox.
  streams.sinit_max_instreams = 2048;
  SetOption(socket, SCTP_INITMSG, &streams, sizeof(streams));
  for (const uint16_t type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_SHUTDOWN_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_type = type;
    event.se_on = 1;
    SetOption(socket, SCTP_EVENT, &event, sizeof(event));
  }
  sctp_paddrparams path{};
  sockaddr_conn address = AddressOf(this);
  std::memcpy(&path.spp_address, &address, sizeof(address));
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_ENABLE;
  path.spp_hbinterval = 5000;
  path.spp_pathmtu = 1100;
  SetOption(socket, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
}

void UsrsctpEnd::Listen() {
  CHECK(usrsctp_listen(socket_, 1) == 0, "errno %d", errno);
  listener_ = socket_;
  socket_ = nullptr;
}

void UsrsctpEnd::Connect() {
  sockaddr_conn address = AddressOf(this);
  const int result =
      usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  CHECK(result == 0 || errno == EINPROGRESS, "errno %d", errno);
}

void UsrsctpEnd::Accept() {
  if (!listener_ || socket_) return;
  socket_ = usrsctp_accept(listener_, nullptr, nullptr);
  if (socket_) usrsctp_set_non_blocking(socket_, 1);
}

bool UsrsctpEnd::Send(StreamId stream, Ppid ppid, Bytes payload, const SendMode& mode) {
  if (!socket_) return false;
  sctp_sendv_spa spa{};
  spa.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  spa.sendv_sndinfo.snd_sid = stream.value();
  spa.sendv_sndinfo.snd_ppid = htonl(ppid.value());
  spa.sendv_sndinfo.snd_flags = SCTP_EOR;
  if (!mode.ordered) spa.sendv_sndinfo.snd_flags |= SCTP_UNORDERED;
  if (mode.max_retransmits || mode.lifetime_ms) {
    spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    spa.sendv_prinfo.pr_policy = mode.max_retransmits ? SCTP_PR_SCTP_RTX : SCTP_PR_SCTP_TTL;
    spa.sendv_prinfo.pr_value = mode.max_retransmits ? *mode.max_retransmits : *mode.lifetime_ms;
  }
  return usrsctp_sendv(socket_, payload.data(), payload.size(), nullptr, 0, &spa, sizeof(spa),
                       SCTP_SENDV_SPA, 0) == static_cast<ssize_t>(payload.size());
}

bool UsrsctpEnd::ResetStream(StreamId stream) {
  alignas(sctp_reset_streams) uint8_t buffer[sizeof(sctp_reset_streams) + sizeof(uint16_t)] = {};
  auto* request = reinterpret_cast<sctp_reset_streams*>(buffer);
  request->srs_assoc_id = SCTP_ALL_ASSOC;
  request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
  request->srs_number_streams = 1;
  request->srs_stream_list[0] = stream.value();
  return usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, buffer, sizeof(buffer)) == 0;
}

void UsrsctpEnd::Shutdown() { usrsctp_shutdown(socket_, SHUT_WR); }

void UsrsctpEnd::Abort() {
  const linger at_once{1, 0};
  usrsctp_setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  usrsctp_close(socket_);
  socket_ = nullptr;
}

std::vector<UsrsctpEnd::Message> UsrsctpEnd::MessagesOf(Ppid ppid) const {
  std::vector<Message> found;
  std::copy_if(messages_.begin(), messages_.end(), std::back_inserter(found),
               [&](const Message& message) { return message.ppid == ppid; });
  return found;
}

void UsrsctpEnd::HandlePacket(Time now, Bytes packet) {
  usrsctp_now = now;
  usrsctp_conninput(this, packet.data(), packet.size(), 0);
  Accept();
}

void UsrsctpEnd::HandleTimeout(Time now) {
  usrsctp_now = now;
  for (; next_tick_ <= now; next_tick_ += kTick) {
    usrsctp_handle_timers(static_cast<uint32_t>(ToMilliseconds(kTick)));
  }
}

std::optional<size_t> UsrsctpEnd::PollTransmit(Time, MutableBytes out) {
  if (outgoing_.empty()) return std::nullopt;
  const std::vector<uint8_t> packet = std::move(outgoing_.front());
  outgoing_.pop_front();
  CHECK(packet.size() <= out.size(), "a packet of %zu bytes", packet.size());
  std::copy(packet.begin(), packet.end(), out.begin());
  return packet.size();
}

int UsrsctpEnd::HandleOutput(void* address, void* packet, size_t size, uint8_t, uint8_t) {
  const auto* bytes = static_cast<const uint8_t*>(packet);
  static_cast<UsrsctpEnd*>(address)->outgoing_.emplace_back(bytes, bytes + size);
  return 0;
}

int UsrsctpEnd::HandleReceived(struct socket*, union sctp_sockstore, void* data, size_t size,
                               struct sctp_rcvinfo info, int flags, void* self) {
  auto* end = static_cast<UsrsctpEnd*>(self);
  if (!data) {
    end->ended_ = true;
    return 1;
  }
  const Bytes bytes(static_cast<const uint8_t*>(data), size);
  if (flags & MSG_NOTIFICATION) {
    end->HandleNotification(bytes);
  } else {
    const StreamId stream(info.rcv_sid);
    auto part = std::find_if(end->parts_.begin(), end->parts_.end(),
                             [&](const Message& other) { return other.stream == stream; });
    if (part == end->parts_.end()) {
      part = end->parts_.insert(part, Message{stream, Ppid(ntohl(info.rcv_ppid)), {}});
    }
    part->payload.insert(part->payload.end(), bytes.begin(), bytes.end());
    if (flags & MSG_EOR) {
      end->messages_.push_back(std::move(*part));
      end->parts_.erase(part);
    }
  }
  std::free(data);
  return 1;
}

void UsrsctpEnd::HandleNotification(Bytes notification) {
  const auto* any = reinterpret_cast<const sctp_notification*>(notification.data());
  if (any->sn_header.sn_type == SCTP_ASSOC_CHANGE) {
    const uint16_t state = any->sn_assoc_change.sac_state;
    if (state == SCTP_COMM_UP) connected_ = true;
    if (state == SCTP_COMM_LOST || state == SCTP_SHUTDOWN_COMP || state == SCTP_CANT_STR_ASSOC) {
      ended_ = true;
    }
  }
  if (any->sn_header.sn_type != SCTP_STREAM_RESET_EVENT) return;
  const auto& event = any->sn_strreset_event;
  const size_t count = (event.strreset_length - sizeof(event)) / sizeof(uint16_t);
  for (size_t i = 0; i < count; ++i) {
    const StreamId stream(event.strreset_stream_list[i]);
    if (event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) incoming_resets_.push_back(stream);
    if (event.strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) outgoing_resets_.push_back(stream);
  }
}

}  // namespace ocellus::sctp
