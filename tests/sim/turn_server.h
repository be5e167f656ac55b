// SPDX-License-Identifier: Apache-2.0
// A STUN and TURN server on the virtual network (RFC 8489, RFC 8656, RFC 5780), over UDP, with
// long-term credentials. Written from the RFCs and apart from our client, so that the two check
// each other: it refuses what it may refuse, drops what it must drop, and counts both.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/stun/message_writer.h"
#include "tests/sim/network.h"

namespace ocellus::sim {

struct TurnServerOptions {
  // Where it listens; what it relays comes from the first address of each family.
  std::vector<IpAddress> addresses = {*IpAddress::Parse("192.0.2.50")};
  uint16_t port = 3478;
  // A second IPv4 address makes it tell NATs apart (RFC 5780), with the second port on both.
  std::optional<IpAddress> alternate_address;
  uint16_t alternate_port = 3479;

  enum class Service : uint8_t { kStun, kStunAndTurn };
  Service service = Service::kStunAndTurn;
  std::string realm = "turn.example";
  std::string username = "camera";
  std::string password = "a password";

  // RFC 8656 sections 7.2, 9 and 12.
  Duration default_lifetime = std::chrono::minutes(10);
  Duration max_lifetime = std::chrono::hours(1);
  Duration permission_lifetime = std::chrono::minutes(5);
  Duration channel_lifetime = std::chrono::minutes(10);
};

// Counted since it was made; a restart does not reset them.
struct TurnServerStats {
  // Requests that were granted. Repetitions of one request count once, where it is told apart.
  uint64_t bindings = 0;
  uint64_t allocations = 0;
  uint64_t refreshes = 0;
  uint64_t deletions = 0;             // Refreshes with lifetime 0.
  uint64_t permissions = 0;           // New ones,
  uint64_t permission_refreshes = 0;  // and ones before they expired.
  uint64_t channels = 0;
  uint64_t channel_refreshes = 0;
  // What nobody refreshed in time.
  uint64_t allocations_expired = 0;
  uint64_t permissions_expired = 0;
  uint64_t channels_expired = 0;
  // Requests that were not granted.
  uint64_t unauthenticated = 0;    // 401: without credentials, as the first one of a client is,
  uint64_t wrong_credentials = 0;  // or with wrong ones.
  uint64_t stale_nonces = 0;       // 438
  uint64_t refused = 0;            // Any other error.
  std::map<unsigned, uint64_t> errors;  // All of these, by code.
  // Data, by way and direction. Dropped: without permission or channel.
  uint64_t indications_to_peers = 0;
  uint64_t indications_from_peers = 0;
  uint64_t channel_data_to_peers = 0;
  uint64_t channel_data_from_peers = 0;
  uint64_t dropped_to_peers = 0;
  uint64_t dropped_from_peers = 0;
  // Neither STUN nor ChannelData, or broken.
  uint64_t malformed = 0;
};

class TurnServer : public Node {
 public:
  TurnServer(Network& network, const TurnServerOptions& options, uint64_t seed);
  ~TurnServer() override;

  void HandleDatagram(Time now, const Datagram& in) override;
  void HandleTimeout(Time now) override;
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override;

  // What a client is told to use.
  SocketAddress address(IpAddress::Family family = IpAddress::Family::kV4) const;
  const TurnServerStats& stats() const { return stats_; }
  size_t allocations() const { return allocations_.size(); }

  // --- On command -------------------------------------------------------------------------------

  void AddUser(const std::string& username, const std::string& password);
  // Every nonce that was given out is stale from now on.
  void MakeNoncesStale();
  // The next `times` requests with this method that are otherwise right are refused.
  void Refuse(stun::Method method, unsigned error, unsigned times = ~0u);
  void StopRefusing() { refusals_.clear(); }
  // 403 for this peer, in permissions and channels.
  void ForbidPeer(const IpAddress& peer) { forbidden_.push_back(peer); }
  // Is silent, and forgets all it knew; comes back with other nonces and other relayed ports.
  void Kill();
  void Start() { alive_ = true; }

 private:
  struct Permission {
    IpAddress peer;
    Time expires;
  };
  struct Channel {
    uint16_t number = 0;
    SocketAddress peer;
    Time expires;
  };
  // RFC 8656 section 3.2: the 5-tuple, of which UDP goes without saying.
  struct Tuple {
    SocketAddress client;
    SocketAddress server;

    friend bool operator==(const Tuple& a, const Tuple& b) {
      return a.client == b.client && a.server == b.server;
    }
  };
  struct Allocation {
    Tuple tuple;
    std::string username;
    stun::TransactionId made_by{};
    std::vector<SocketAddress> relayed;
    Duration lifetime{};
    Time expires;
    std::vector<Permission> permissions;
    std::vector<Channel> channels;
  };
  struct Outgoing {
    SocketAddress from;
    SocketAddress to;
    std::vector<uint8_t> bytes;
  };
  // A request of somebody who has shown that it knows the password.
  struct Request {
    Tuple tuple;
    const stun::Message& message;
    std::string username;
  };

  // Requests and indications.
  void HandleMessage(Time now, const Tuple& tuple, const stun::Message& message);
  void HandleBinding(const Tuple& tuple, const stun::Message& message);
  std::optional<Request> Authenticate(const Tuple& tuple, const stun::Message& message);
  void HandleAllocate(Time now, const Request& request);
  void HandleRefresh(Time now, const Request& request);
  void HandleCreatePermission(Time now, const Request& request);
  void HandleChannelBind(Time now, const Request& request);
  void HandleSend(const Tuple& tuple, const stun::Message& message);
  void HandleChannelData(const Tuple& tuple, Bytes datagram);
  void HandlePeerData(Allocation& allocation, const Datagram& in);

  std::optional<SocketAddress> AllocateAddress(IpAddress::Family family);
  Duration GrantedLifetime(const stun::Message& message) const;
  // 0, or why this peer cannot be given a permission.
  unsigned CheckPeer(const Allocation& allocation, const std::optional<SocketAddress>& peer) const;
  void Permit(Time now, Allocation& allocation, const IpAddress& peer);
  static bool IsPermitted(const Allocation& allocation, const IpAddress& peer);
  static Channel* FindChannel(Allocation& allocation, uint16_t number);
  static Channel* FindChannel(Allocation& allocation, const SocketAddress& peer);
  static const SocketAddress* RelayedOf(const Allocation& allocation, IpAddress::Family family);
  Allocation* Find(const Tuple& tuple);
  Allocation* FindRelayed(const SocketAddress& relayed);
  bool Listens(const SocketAddress& local) const;
  bool IsRefused(const Request& request);
  void Expire(Time now);

  // Attributes that a server must understand (RFC 8489 section 14), and this one does not.
  static std::vector<stun::AttributeType> UnknownIn(const stun::Message& message);

  // Answers.
  void Grant(const Request& request, const Allocation* allocation, Duration lifetime);
  template <typename Fill>
  void Answer(const Tuple& tuple, const stun::Message& request, stun::MessageClass message_class,
              const std::string* username, Fill fill);
  void Fail(const Request& request, unsigned error);
  void Fail(const Tuple& tuple, const stun::Message& request, unsigned error);
  void Challenge(const Tuple& tuple, const stun::Message& request, unsigned error);
  void Count(unsigned error);

  Network& network_;
  const TurnServerOptions options_;
  SeededRandom random_;
  std::map<std::string, std::vector<uint8_t>> keys_;  // By user name. RFC 8489 section 9.2.2.
  std::string nonce_;
  std::vector<Allocation> allocations_;
  std::vector<IpAddress> forbidden_;
  struct Refusal {
    stun::Method method;
    unsigned error;
    unsigned times;
  };
  std::vector<Refusal> refusals_;
  bool alive_ = true;
  std::deque<Outgoing> outgoing_;
  TurnServerStats stats_;
};

}  // namespace ocellus::sim
