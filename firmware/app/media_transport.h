// SPDX-License-Identifier: Apache-2.0
// Everything that carries viewers' packets, as if it were one: the UDP port that they share, the
// TCP connections that they make to us (RFC 6544), and the TURN servers, which we reach by UDP, TCP
// or TLS. Who sends a packet names the path, and it goes the right way; who receives one sees where
// it came from, whatever brought it.
//
// On the way it learns where we can be reached: our candidates, the same for all viewers, known
// before the first one comes.
//
// io thread only. Owned by CameraApp. Never blocks.
//
// A stranger may open a TCP connection and be silent, or send garbage: until the caller vouches for
// what came in on it (HandleAuthenticated), it is closed after kUnprovenLifetime and makes room for
// newer ones.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "firmware/app/packet_sender.h"
#include "firmware/base/limits.h"
#include "firmware/base/log.h"
#include "firmware/base/random.h"
#include "firmware/rtc/crypto/tls_client.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "firmware/rtc/ice/tcp_framing.h"
#include "hal/tcp_transport.h"
#include "hal/udp_socket.h"

namespace ocellus::app {

// A viewer's TCP connection on which nothing authenticated has come is closed after this time: its
// first check needs a round trip.
constexpr Duration kUnprovenLifetime = std::chrono::seconds(10);
// And one whose viewer has been silent: consent checks come every 6 s at most (RFC 7675), and
// consent is lost after 30 s.
constexpr Duration kSilentLifetime = std::chrono::seconds(35);

class MediaTransport : public PacketSender {
 public:
  // All borrowed for the life of the transport.
  struct Parts {
    hal::UdpSocket& udp;
    hal::TcpTransport& tcp;
    // Who may vouch for turns: servers; null where there are none.
    const crypto::TrustStore* trust = nullptr;
    Random& random;
  };
  struct Stats {
    uint64_t tcp_refused = 0;  // Connections closed because there were too many.
    uint64_t tcp_dropped = 0;  // Packets for connections that were full or gone.
    uint64_t direct_dropped =
        0;  // Datagrams past the relays, which the relay policy does not take.
  };

  MediaTransport(const Parts& parts, gathering::Options options);
  ~MediaTransport() override;

  // --- Where we can be reached ------------------------------------------------------------------

  // The addresses of this host, the best first.
  void SetHosts(Time now, Span<const IpAddress> hosts);
  const std::vector<ice::LocalCandidate>& candidates() const { return gatherer_.candidates(); }
  // True once after each change of candidates().
  bool TakeChanged() { return gatherer_.TakeChanged(); }
  std::vector<gathering::ServerStatus> servers() const { return gatherer_.servers(); }
  // Where the wall clock stands: time-limited credentials need it.
  void SetWallClock(Time now, const WallClock& wall_clock) {
    gatherer_.SetWallClock(now, wall_clock);
  }

  // Names of servers to be resolved, and what came of it; answers for other names are ignored.
  std::optional<std::string> PollNameToResolve() { return gatherer_.PollNameToResolve(); }
  void HandleResolvedName(Time now, std::string_view name,
                          const Result<std::vector<IpAddress>>& addresses) {
    gatherer_.HandleResolvedName(now, name, addresses);
  }

  // --- Packets ----------------------------------------------------------------------------------

  // The next datagrams from viewers; empty when there are none. Borrowed until the next call.
  Span<Datagram> ReceiveUdp(Time now);
  std::optional<Datagram> ReceiveTcp(Time now);
  // `in` was authenticated: its TCP connection may stay.
  void HandleAuthenticated(Time now, const Datagram& in);

  // PacketSender.
  MutableBytes SendBuffer() override;
  void Send(Time now, const Transmit& transmit) override;
  // Sends our own requests and everything queued.
  void Flush(Time now);

  void HandleTimeout(Time now);
  Time next_deadline() const;
  // Frees the allocations on the TURN servers.
  void Close(Time now);

  const Stats& stats() const { return stats_; }

 private:
  // A viewer that connected to us.
  struct ViewerConnection {
    SocketAddress local;
    SocketAddress remote;
    ice::TcpDeframer deframer;
    bool proven = false;
    Time expires{};
  };
  // Our connection to a TURN server.
  struct ServerConnection {
    gathering::StreamId stream{};
    std::unique_ptr<crypto::TlsClient> tls;  // Null: plain TCP.
    bool connected = false;
  };
  using Servers = std::unordered_map<hal::TcpConnectionId, ServerConnection>;

  void HandleTcpEvent(Time now, const hal::TcpEvent& event);

  void AddViewer(Time now, const hal::TcpAccepted& accepted);
  bool EvictUnproven();
  void CloseViewer(hal::TcpConnectionId id);
  void RemoveViewer(hal::TcpConnectionId id);
  std::optional<Datagram> NextOfViewer();

  void PumpStreamCommands(Time now);
  void OpenServer(Time now, const gathering::StreamOpen& command);
  void HandleServerData(Time now, hal::TcpConnectionId id, ServerConnection& server,
                        MutableBytes data);
  void CloseServer(Time now, hal::TcpConnectionId id, const Status& why);
  Servers::iterator FindServer(gathering::StreamId stream);
  void SendCiphertext(hal::TcpConnectionId id, ServerConnection& server, hal::TcpRoom room);
  void SendToStream(gathering::StreamId stream, Bytes message, hal::TcpRoom room);

  void SendByTcp(const Transmit& transmit);
  void SendOwnRequests(Time now);
  void Dispatch(const gathering::Outgoing& outgoing, Bytes packet, hal::TcpRoom room);

  const Parts parts_;
  const bool relay_only_;
  gathering::Gatherer gatherer_;

  std::unordered_map<hal::TcpConnectionId, ViewerConnection> viewers_;
  std::unordered_map<SocketAddress, hal::TcpConnectionId> viewers_by_remote_;
  Time next_expiry_ = kNever;  // Of viewers_; not later than the first of them.
  Servers servers_;
  hal::TcpData tcp_rest_;  // What a viewer sent and nobody has looked at yet.

  std::vector<uint8_t> frame_;      // A packet behind its length (RFC 4571).
  std::vector<uint8_t> overtaken_;  // A packet that a request of ours goes before.
  Stats stats_;
  LogLimiter log_limiter_{std::chrono::seconds(10)};
};

}  // namespace ocellus::app
