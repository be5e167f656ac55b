// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/long_term_credentials.h"

#include <utility>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/base/text.h"
#include "firmware/rtc/crypto/digest.h"

namespace ocellus::turn {
namespace {

using stun::AttributeType;

// RFC 8489 section 9.2.1: in front of the nonces of servers that know this RFC stands this, and
// then 24 bits of security features in base64, the first bit in front.
constexpr std::string_view kNonceCookie = "obMatJos2";

// RFC 8489 section 18.1. All that are defined are in the first of the four characters: section
// 9.2.1 has "bit 0 as the most significant bit of the first byte" (the nonce in appendix B.1 counts
// from the other end).
struct SecurityFeatures {
  bool password_algorithms = false;  // Bit 0.
  bool username_anonymity = false;   // Bit 1.
};

SecurityFeatures FeaturesOf(std::string_view nonce) {
  constexpr size_t kFeaturesSize = 4;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (!StartsWith(nonce, kNonceCookie) || nonce.size() < kNonceCookie.size() + kFeaturesSize) {
    return {};
  }
  const size_t bits = kAlphabet.find(nonce[kNonceCookie.size()]);
  if (bits == std::string_view::npos) return {};
  return {(bits & 0x20) != 0, (bits & 0x10) != 0};
}

// RFC 8489 section 9.2.1: somebody on the way has taken out what the nonce says there is.
bool IsBidDown(const stun::Message& response) {
  const auto nonce = response.Find(AttributeType::kNonce);
  return nonce && FeaturesOf(AsText(*nonce)).password_algorithms &&
         !response.Has(AttributeType::kPasswordAlgorithms);
}

void WipeText(std::string& text) {
  Wipe(MutableBytes(reinterpret_cast<uint8_t*>(text.data()), text.size()));
}

}  // namespace

LongTermCredentials::LongTermCredentials(std::string username, std::string password)
    : username_(std::move(username)), password_(std::move(password)) {}

LongTermCredentials::~LongTermCredentials() {
  WipeText(password_);
  Wipe(key_);
}

Status LongTermCredentials::HandleChallenge(const stun::Message& response, stun::ErrorCode code) {
  const auto nonce = response.Find(AttributeType::kNonce);
  const Bytes own_realm = AsBytes(realm_);
  const Bytes realm = response.Find(AttributeType::kRealm).value_or(own_realm);
  if (!nonce || nonce->empty() || nonce->size() > kMaxStunTextSize || realm.empty() ||
      realm.size() > kMaxStunTextSize) {
    return Status(StatusCode::kMalformed, "its challenge has no realm or no nonce");
  }
  if (IsBidDown(response)) {
    return Status(StatusCode::kUnsupported, "its challenge was changed on the way (bid-down)");
  }
  const Bytes algorithms = response.Find(AttributeType::kPasswordAlgorithms).value_or(Bytes());
  const auto algorithm = algorithms.empty() ? Algorithm::kMd5 : ChooseAlgorithm(algorithms);
  if (!algorithm) {
    return Status(StatusCode::kUnsupported, "it has no password algorithm that we know");
  }
  if (proven_ && (realm != own_realm || *algorithm != algorithm_ ||
                  algorithms.empty() != algorithms_.empty())) {
    return Status(StatusCode::kUnsupported, "another server has answered in its place");
  }
  // RFC 8489 section 9.2.5: after a 401 "the client MUST NOT perform this retry if it is not
  // changing the USERNAME, USERHASH, REALM, or its associated password". A server that has known
  // our key may have forgotten its nonces.
  if (code == stun::ErrorCode::kUnauthenticated && challenged() && !proven_ && realm == own_realm) {
    return Status(StatusCode::kPermissionDenied, "user name or password are wrong");
  }
  realm_ = AsText(realm);
  nonce_ = AsText(*nonce);
  algorithms_.assign(algorithms.begin(), algorithms.end());
  algorithm_ = *algorithm;
  anonymous_ = FeaturesOf(nonce_).username_anonymity;
  MakeKey();
  return StatusCode::kOk;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Algorithm 1           | Algorithm 1 Parameters Length |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   Algorithm 1 Parameters (variable)          ...
// RFC 8489 section 14.11. The parameters are padded to 32 bits; MD5 and SHA-256 have none.
std::optional<LongTermCredentials::Algorithm> LongTermCredentials::ChooseAlgorithm(
    Bytes algorithms) {
  ByteReader reader(algorithms);
  while (reader.remaining() > 0) {
    const auto algorithm = static_cast<Algorithm>(reader.ReadU16());
    const size_t size = reader.ReadU16();
    reader.Skip((size + 3) & ~size_t{3});
    if (!reader.ok()) return std::nullopt;
    if (size == 0 && (algorithm == Algorithm::kMd5 || algorithm == Algorithm::kSha256)) {
      return algorithm;
    }
  }
  return std::nullopt;
}

// RFC 8489 section 9.2.2: the hash of "user:realm:password".
void LongTermCredentials::MakeKey() {
  std::string secret;
  secret.reserve(username_.size() + realm_.size() + password_.size() + 2);
  secret.append(username_).append(":").append(realm_).append(":").append(password_);
  if (algorithm_ == Algorithm::kSha256) {
    const crypto::Sha256Digest key = crypto::Sha256(AsBytes(secret));
    key_.assign(key.begin(), key.end());
  } else {
    const crypto::Md5Digest key = crypto::Md5(AsBytes(secret));
    key_.assign(key.begin(), key.end());
  }
  WipeText(secret);
}

void LongTermCredentials::Sign(stun::MessageWriter& writer) const {
  if (!challenged()) return;
  if (anonymous_) {
    // RFC 8489 section 14.4.
    writer.Add(AttributeType::kUserhash, crypto::Sha256(AsBytes(username_ + ":" + realm_)));
  } else {
    writer.AddText(AttributeType::kUsername, username_);
  }
  writer.AddText(AttributeType::kRealm, realm_);
  writer.AddText(AttributeType::kNonce, nonce_);
  if (algorithms_.empty()) {
    writer.AddIntegrity(key_);
    return;
  }
  // RFC 8489 section 9.2.5: with PASSWORD-ALGORITHMS, "all the subsequent requests MUST be
  // authenticated using MESSAGE-INTEGRITY-SHA256 only".
  writer.Add(AttributeType::kPasswordAlgorithms, algorithms_);
  writer.AddU32(AttributeType::kPasswordAlgorithm, static_cast<uint32_t>(algorithm_) << 16);
  writer.AddIntegritySha256(key_);
}

bool LongTermCredentials::Authenticate(const stun::Message& response) {
  if (!challenged()) return true;
  if (IsBidDown(response)) return false;
  const bool matches =
      algorithms_.empty() ? response.IntegrityMatches(key_) : response.IntegritySha256Matches(key_);
  proven_ = proven_ || matches;
  return matches;
}

}  // namespace ocellus::turn
