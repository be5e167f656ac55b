// SPDX-License-Identifier: Apache-2.0
// One binding request to a server over UDP: its id, its retransmissions (RFC 8489 section 6.2.1),
// and which answer is its own. Without credentials: servers answer anybody. io thread only.
#pragma once

#include <chrono>
#include <optional>

#include "firmware/base/datagram.h"
#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/rtc/ice/types.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::gathering {

// When a request is sent again, and when it has failed. The defaults are those of RFC 8489 section
// 6.2.1: RTO "SHOULD be 500 ms", Rc 7 and Rm 16; it fails after 39.5 s.
struct Retransmission {
  Duration first_timeout = std::chrono::milliseconds(500);  // Doubles each time.
  unsigned transmissions = 7;
  unsigned last_timeout_factor = 16;  // Of first_timeout, after the last transmission.
};

// RFC 5780 section 7.2: where the server shall answer from, as bits of CHANGE-REQUEST.
constexpr uint32_t kChangeAddress = 4;
constexpr uint32_t kChangePort = 2;

class BindingRequest {
 public:
  // First sent at `start`. `change_request` is 0 where no CHANGE-REQUEST shall be in it.
  BindingRequest(Time start, const ice::Path& path, const Retransmission& retransmission,
                 Random& random, uint32_t change_request = 0);

  const ice::Path& path() const { return path_; }
  unsigned transmissions() const { return sent_; }

  bool IsDue(Time now) const { return now >= next_ && sent_ < retransmission_.transmissions; }
  // Only when it is due. `out` has at least kMaxDatagramSize bytes.
  Transmit Write(Time now, MutableBytes out);
  bool HasFailed(Time now) const { return now >= next_ && sent_ >= retransmission_.transmissions; }
  // When it is due or has failed.
  Time next_deadline() const { return next_; }

  // Whether `message` answers it, judged by the id, and came to where it was sent from. Who sent it
  // is for the caller to compare, because CHANGE-REQUEST changes that.
  bool IsAnsweredBy(const Datagram& in, const stun::Message& message) const;
  // Since it was sent; nullopt when it was sent more than once, for then nobody knows.
  std::optional<Duration> RoundTrip(Time now) const;

 private:
  ice::Path path_;
  Retransmission retransmission_;
  uint32_t change_request_;
  stun::TransactionId id_{};
  unsigned sent_ = 0;
  Time next_;
  Time last_sent_{};
};

// What an answer says of our address. Errors: kPermissionDenied (an error response; the code is in
// the text), kMalformed (no address that a host can have, or something that we must understand and
// do not: RFC 8489 section 6.3.3).
Result<SocketAddress> ReadMappedAddress(const stun::Message& answer);

// Whether a peer could send to it: it names one host and a port.
bool IsUsable(const SocketAddress& address);

}  // namespace ocellus::gathering
