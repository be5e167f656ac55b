// SPDX-License-Identifier: Apache-2.0
// How a client proves to a STUN or TURN server who it is: the long-term credentials of RFC 8489
// section 9.2, with SHA-256, anonymous user names and protection against bid-down where the server
// has them. User name, realm and password are taken as they are: whoever configures ones that are
// not ASCII writes them in the form that RFC 8265 calls OpaqueString.
// io thread only. Owned by Client.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"
#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::turn {

class LongTermCredentials {
 public:
  LongTermCredentials(std::string username, std::string password);
  ~LongTermCredentials();
  LongTermCredentials(const LongTermCredentials&) = delete;
  LongTermCredentials& operator=(const LongTermCredentials&) = delete;

  // Whether the server has asked who we are. Until then nothing is signed, and everything believed.
  bool challenged() const { return !nonce_.empty(); }

  // Takes up what a 401 or 438 says. Ok: worth asking again. Errors, after which nothing has
  // changed: kPermissionDenied (the password is wrong), kMalformed (realm or nonce are missing or
  // too long), kUnsupported (no password algorithm that we know, or a mark of an attack: an
  // attribute that the nonce promises is missing, or another realm than the server's that has
  // proven to know our key).
  Status HandleChallenge(const stun::Message& response, stun::ErrorCode code);

  // Adds who we are and the integrity; nothing but a fingerprint may follow.
  void Sign(stun::MessageWriter& writer) const;

  // Whether a response that is neither a 401 nor a 438 is the server's.
  bool Authenticate(const stun::Message& response);

 private:
  // RFC 8489 section 18.5.
  enum class Algorithm : uint16_t { kMd5 = 1, kSha256 = 2 };

  // The first one of a PASSWORD-ALGORITHMS that we know.
  static std::optional<Algorithm> ChooseAlgorithm(Bytes algorithms);
  void MakeKey();

  std::string username_;
  std::string password_;
  std::string realm_;
  std::string nonce_;
  std::vector<uint8_t> key_;
  // What PASSWORD-ALGORITHMS held, to be sent back; empty when the server has none: then it is MD5
  // for the key, and SHA-1 for the integrity.
  std::vector<uint8_t> algorithms_;
  Algorithm algorithm_ = Algorithm::kMd5;
  bool anonymous_ = false;  // USERHASH instead of USERNAME.
  bool proven_ = false;     // The server has signed something with our key.
};

}  // namespace ocellus::turn
