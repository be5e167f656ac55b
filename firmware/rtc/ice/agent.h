// SPDX-License-Identifier: Apache-2.0
// ICE agent for one viewer: finds and keeps a working pair of addresses (RFC 8445, with trickle of
// RFC 8838, TCP of RFC 6544, consent of RFC 7675 and the patience of RFC 8863). One data stream
// with one component. Does not gather candidates, resolve names or touch sockets. io thread only.
// Owned by Peer.
//
//     kNew --SetRemoteCredentials--> kChecking --nominated--> kConnected --consent lost--> kFailed
//                                        '------------no pair works-----------------------^
//
// Restart() returns to kChecking from anywhere, and so does the loss of the selected local address.
// In kChecking media flows, too, once any pair works.
//
// Invariants:
//  1. selected_ and active_, when set, name pairs of checklist_; active_ is selected_ if that is
//  set.
//  2. consent_ is set exactly when active_ is, and is about that pair.
//  3. In kFailed nothing is sent and everything that comes in is dropped.
//
// Nothing allocates once connected, except that new addresses (ours or the peer's) take room in the
// checklist, within the bounds of limits.h.
//
// The functions stand in five files: agent.cc (the life of the agent), agent_candidates.cc (what
// there is to check), agent_checks.cc (requests of both sides), agent_answers.cc (what comes of
// ours) and agent_nomination.cc (which pair the media takes).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/log.h"
#include "firmware/base/random.h"
#include "firmware/base/ring.h"
#include "firmware/rtc/ice/candidate.h"
#include "firmware/rtc/ice/checklist.h"
#include "firmware/rtc/ice/consent.h"
#include "firmware/rtc/ice/credentials.h"
#include "firmware/rtc/ice/local_candidates.h"
#include "firmware/rtc/ice/media_watch.h"
#include "firmware/rtc/ice/pacer.h"
#include "firmware/rtc/ice/pair_status.h"
#include "firmware/rtc/ice/remote_names.h"
#include "firmware/rtc/ice/responder.h"
#include "firmware/rtc/ice/types.h"
#include "firmware/rtc/stun/dtls_in_stun.h"

namespace ocellus::ice {

// RFC 8445 section 14.2: Ta "SHOULD" be 50 ms; other values are allowed within the limit on all
// agents together, which is this, and which Pacer keeps. A viewer has a few candidates for each
// address of ours; so the good ones have their turn within 100 ms, be all the others dead. Browsers
// take 50 ms for each, and answer ours meanwhile.
constexpr Duration kTa = std::chrono::milliseconds(5);
// A pair that the peer goes on checking is checked in return no more often than this, as long as it
// does not answer.
constexpr Duration kTriggerInterval = std::chrono::milliseconds(50);
// RFC 8445 section 14.3: "MUST NOT use an RTO value smaller than 500 ms". What makes up for it is
// the triggered check: section 7.3.1.4 has every check of the peer replace ours that is under way,
// "without having to wait for retransmissions".
constexpr Duration kMinRto = std::chrono::milliseconds(500);
// RFC 8489 section 6.2.1: Rc, "SHOULD be configurable and SHOULD have a default of 7", and Rm, "a
// default of 16": a check that nobody answers ends after 39.5 s with the smallest RTO.
constexpr unsigned kMaxTransmissions = 7;
constexpr unsigned kLastTimeoutFactor = 16;
// RFC 8489 section 6.2.2: over TCP a request is not repeated, and Ti, after which it fails, "SHOULD
// have a default of 39.5 s".
constexpr Duration kTcpTimeout = std::chrono::milliseconds(39500);
// RFC 8863 section 4: not to fail before checks have run for as long as one could take, for the
// peer's own may still arrive. "RECOMMENDED [...] equal to the agent's connectivity check
// transaction timeout, including all retransmissions".
constexpr Duration kPatience = std::chrono::milliseconds(39500);
// How long the controlling agent hopes for a pair of higher priority, once one is valid. RFC 8445
// section 8.1.1 leaves it to us; media flows on the valid pair meanwhile.
constexpr Duration kNominationPatience = std::chrono::milliseconds(100);

// Without any sign of life for so long the controlling agent moves to another pair that has one:
// on a path that works, the answer to a consent check comes after 6 s at most, and a round trip.
constexpr Duration kMaxSilence = std::chrono::seconds(7);
// A peer that checks from where it was not before may have moved there. The controlling agent asks
// at once whether it is still at the selected pair, twice, and follows it if that stays silent.
constexpr Duration kDoubt = std::chrono::seconds(1);
// A nomination that is not answered for so long gives way to another pair that has answered since.
constexpr Duration kStuckNomination = std::chrono::seconds(2);
// How much later than the nomination of a better pair one that was sent before it may come, for the
// way by a relay is longer.
constexpr Duration kLateNomination = std::chrono::seconds(1);
// The controlling agent leaves a selected pair that works only for one of a better kind (IsBetter:
// fewer relays, or UDP instead of TCP), never for a mere difference of priority; and not for so
// long after silence has made it leave one. A path that comes and goes thus costs at most one gap
// in this time, and two that both work are never exchanged to and fro.
constexpr Duration kReturnDelay = std::chrono::seconds(30);

enum class State : uint8_t { kNew, kChecking, kConnected, kFailed };
enum class FailureReason : uint8_t { kNoPairWorks, kConsentExpired };

// The peer's first authenticated check came this way, or a check of ours was answered: the peer is
// there, and DTLS may start before nomination is through. Once per generation of credentials, and
// again when that address of ours is gone.
struct Reachable {
  Path path;
};
// The nominated pair was chosen, or changed.
struct Selected {
  Path path;
};
struct Failed {
  FailureReason reason = FailureReason::kNoPairWorks;
};
using Event = std::variant<Reachable, Selected, Failed>;

class Agent {
 public:
  // `random` must outlive the agent and be unpredictable: passwords and transaction ids are made
  // of it. So must `pacer`, if there is one, which this agent shares with the others.
  Agent(Role role, Random& random, Pacer* pacer = nullptr);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  Role role() const { return role_; }
  const Credentials& local_credentials() const { return local_; }
  // Those from before a restart, for as long as they are good; else nullptr.
  const Credentials* previous_credentials() const { return keys().previous; }

  // Our candidates, the best first; again whenever the network changes. Pairs of bases that are
  // gone are dropped. When the selected one is among them, media goes on over what remains, and all
  // that is known of the peer is checked from every base, beginning with where it was: with the
  // credentials that both sides have, for the peer learns our new address from the check. With no
  // candidate left, the consent that the peer has given last decides for how long a new one is
  // waited for.
  void SetLocalCandidates(Time now, Span<const LocalCandidate> candidates);
  // To be signalled.
  const std::vector<Candidate>& local_candidates() const { return local_candidates_.signalled(); }

  // Starts the checks. The same ones again change nothing, and neither do ones that are not
  // IsValid.
  void SetRemoteCredentials(Time now, Credentials remote);
  // Trickled or from the SDP, at any time (RFC 8838); once a pair is selected, only what could be
  // better is checked. Active TCP ones are known (the peer connects). Passive TCP ones, components
  // other than 1, addresses that no host has, our own, and names that do not end in ".local" are
  // skipped and counted, and so are those beyond kMaxRemoteCandidates: the peer's own checks still
  // make it known (peer-reflexive).
  void AddRemoteCandidate(Time now, const Candidate& candidate);
  void EndOfRemoteCandidates(Time now);

  // ".local" names among the remote candidates, to be resolved by the owner: each once.
  std::optional<std::string> PollNameToResolve() { return names_.PollName(); }
  // No addresses: nobody answers to it, and its candidates are dropped and counted.
  void HandleResolvedName(Time now, std::string_view name, Span<const IpAddress> addresses);

  // New local credentials; the peer's are awaited, and candidates must be signalled anew (RFC 8445
  // section 9). Media keeps flowing on the old path until a pair of the new generation is selected;
  // the old credentials are good until then.
  void Restart(Time now);

  // `in` is STUN (stun::Message::LooksLikeStun).
  void HandleDatagram(Time now, const Datagram& in);
  void HandleTimeout(Time now);
  // `out` has at least kMaxDatagramSize bytes. Requests and success responses also carry what fits
  // of `dtls`, which is borrowed for the call.
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out,
                                       const stun::DtlsInStun& dtls = {});
  std::optional<Event> PollEvent();
  // In the past while something waits to be sent.
  Time next_deadline() const { return deadline_; }

  // Whether the datagram of the last HandleDatagram was a request or success response that the
  // current credentials authenticate: what it carries may be believed.
  bool is_authentic() const { return is_authentic_; }

  // Something authentic that is not STUN (SRTP) came this way. Where such things used to come, the
  // peer is asked whether it is still there when they stop. Cheap enough for each packet.
  void HandleMedia(Time now, const Path& path);

  // Whether the peer has proven itself on this path, by a check of its own or an answer to one of
  // ours: only then may DTLS, SRTP and the like be accepted from it. Cheap enough to be asked for
  // each packet.
  bool IsAuthenticated(const Path& path) const;

  // Where to send now: the selected pair, else the best valid one, else where the peer's first
  // check came from; during a restart the old path until a new one is selected. Nullopt before
  // that, and when consent is lost (RFC 7675).
  std::optional<Path> path() const;
  // Whether the host at path() has answered us, so that it may be sent media. Before, it may be a
  // third one whose address the peer has forged: a handshake does it no harm.
  bool has_consent() const { return active_ || (previous_ && !selected_); }

  State state() const { return state_; }
  const Stats& stats() const { return stats_; }
  // For people: every pair, and up to kMaxDroppedPairs that are not there any more. Allocates.
  std::vector<PairStatus> pairs() const;

 private:
  // A check of ours that is not repeated any more, because another has taken its place, but whose
  // answer still counts (RFC 8445 section 7.3.1.4).
  struct CancelledCheck {
    stun::TransactionId transaction{};
    PairId pair = 0;
    Role role = Role::kControlling;
    bool nominating = false;
    std::optional<Time> sent;  // As in Question.
  };

  // The generation before a restart, for as long as its path carries the media.
  struct Previous {
    Credentials local;
    Credentials remote;
    PairStatus pair;
    uint32_t priority = 0;
    Consent consent;
  };

  // A request of ours that a response may be for.
  struct Question {
    enum class Kind : uint8_t { kCheck, kConsent, kPreviousConsent };
    Kind kind = Kind::kCheck;
    Path path;
    PairId pair = 0;
    Role role = Role::kControlling;
    bool nominating = false;
    bool current = false;      // The check that the pair is waiting for, not a cancelled one.
    std::optional<Time> sent;  // When it was sent only once, so that it measures the RTT.
  };

  // What a binding request of ours says. RFC 8445 section 7.2.2.
  struct Request {
    Path path;
    stun::TransactionId transaction{};
    const Credentials& local;
    const Credentials& remote;
    uint32_t priority = 0;
    bool use_candidate = false;
  };

  // agent.cc: the life of the agent.
  Keys keys() const { return {local_, previous_ ? &previous_->local : nullptr}; }
  void Forget();
  void Fail(FailureReason reason);
  void LoseConsent(Time now);
  void DropPrevious();
  // When kChecking ends in failure; kNever while media flows or there is hope.
  Time GiveUpTime() const;
  void UpdateDeadline();
  void Push(const Event& event);

  // agent_candidates.cc: what there is to check.
  // Whether packets may come to `local` and leave from it.
  bool MayUse(const SocketAddress& local, TransportProtocol protocol) const;
  bool IsOurs(const SocketAddress& address) const;
  void RemoveBase(const Base& base);
  void HandleBaseLost(Time now);
  void CheckAllAgain(Time now);
  void PairWithActiveRemote();
  void PairRemote(Time now, const Candidate& candidate);
  void PairResolved(Time now);
  // The priority that a new pair must exceed to be worth a check.
  uint64_t PriorityFloor() const;
  PairStatus StatusOf(const Pair& pair) const;
  void Remember(const Pair& pair, PairFailure failure);

  // agent_checks.cc: requests of both sides.
  void HandleRequest(Time now, const Datagram& in, const stun::Message& request);
  void HandleCheck(Time now, const Path& path, const Check& check);
  // Whether the request is to be answered as usual; otherwise 487 is due.
  bool ResolveRoleConflict(Time now, const Check& check);
  void SwitchRole(Time now, Role role);

  std::optional<Transmit> PollNext(Time now, MutableBytes out);
  std::optional<Transmit> PollOrdinaryCheck(Time now, MutableBytes out);
  Transmit StartCheck(Time now, Pair& pair, MutableBytes out);
  Transmit RepeatCheck(Time now, Pair& pair, MutableBytes out);
  Transmit WriteCheck(const Pair& pair, MutableBytes out);
  Transmit WriteRequest(const Request& request, MutableBytes out);
  Duration RetransmissionTimeout() const;
  static unsigned MaxTransmissions(const Pair& pair) {
    return pair.path.protocol == TransportProtocol::kTcp ? 1 : kMaxTransmissions;
  }

  void Trigger(Time now, Pair& pair);
  void CancelCheck(Pair& pair);

  // agent_answers.cc: what comes of our own.
  void HandleResponse(Time now, const Datagram& in, const stun::Message& response);
  std::optional<Question> FindQuestion(const stun::TransactionId& transaction) const;
  void HandleSuccess(Time now, const Question& question, const SocketAddress& mapped);
  void NoteMappedAddress(const Question& question, const SocketAddress& mapped);
  void HandleError(Time now, const Question& question, stun::ErrorCode error);
  void UpdateRtt(Pair& pair, Duration sample);
  void FailPair(Time now, Pair& pair, PairFailure failure);

  // agent_nomination.cc: which pair the media takes.
  bool IsFresh(Time now, const Pair& pair) const;
  const Pair* BestUsable(Time now) const;
  void MaybeNominate(Time now);
  void MaybeReplaceSelected(Time now);
  void DoubtSelected(Time now);
  void AskAboutSilence(Time now);
  bool IsStuck(Time now, const Pair& nominated) const;
  void Nominate(Time now, Pair& pair);
  void HandleNomination(Time now, PairId id);
  void Select(Time now, PairId id);
  void DropOvertaken(const Pair& selected);
  void UpdateActive(Time now);

  Random& random_;
  Pacer* pacer_;
  Role role_;
  uint64_t tie_breaker_;  // 64 bits. RFC 8445 section 16.1.
  State state_ = State::kNew;
  Credentials local_;
  std::optional<Credentials> remote_;

  LocalCandidates local_candidates_;
  RemoteNames names_;
  Checklist checklist_;
  Responder responder_;
  // Full: the oldest is forgotten, and its answer would be dropped.
  Ring<CancelledCheck, 16> cancelled_;
  std::optional<PairId> selected_;
  std::optional<PairId> active_;  // That path() is about.
  Time selected_at_ = Time::min();
  std::optional<PairId> challenger_;  // Nominated last, though of lower priority than selected_.
  std::optional<Consent> consent_;
  MediaWatch media_watch_;  // Of the active pair.
  std::optional<Path> reachable_;
  std::optional<Previous> previous_;

  bool end_of_candidates_ = false;
  bool was_connected_ = false;         // A pair was selected, in any generation.
  bool generation_connected_ = false;  // And in this one.
  Time checking_since_{};
  Time last_candidate_{};
  Time consented_until_{};             // When the consent ends that was given last.
  Time base_lost_ = Time::min();       // When that of the active pair went: answers before are old.
  std::optional<Path> last_active_;    // Where the peer was.
  std::optional<Time> slot_;           // Our place in the pacer's queue.
  Time next_ordinary_{};               // When Ta lets the next ordinary check go.
  Time valid_since_ = kNever;          // When we first had a pair to nominate.
  Time nominate_at_ = kNever;          // When the controlling agent's patience ends.
  Time return_after_ = Time::min();    // When kReturnDelay is over.
  std::optional<Time> doubted_since_;  // That the peer is still at the selected pair.
  Time deadline_ = kNever;

  std::vector<PairStatus> dropped_;  // At most kMaxDroppedPairs. Full: the oldest is forgotten.
  LogLimiter log_limiter_{std::chrono::seconds(5)};  // A peer may make us change our mind often.
  const stun::DtlsInStun* dtls_ = nullptr;           // Within PollTransmit.
  bool is_authentic_ = false;
  Ring<Event, 8> events_;  // Full: the oldest makes room; the latest says how things are.
  Stats stats_;
};

}  // namespace ocellus::ice
